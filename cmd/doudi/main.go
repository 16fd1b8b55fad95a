// Command doudi (兜底) reconciles medical assistance month by month; see the
// README at the top of the repository.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run()) }

// run is main with an exit code, so that tests can call it.
func run() int {
	// The first Ctrl-C ends the work cleanly, the second ends the program.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() { <-ctx.Done(); stop() }()
	return newApp(os.Stdout, os.Stderr).execute(ctx, os.Args[1:])
}
