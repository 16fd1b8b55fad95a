package xls

import (
	"errors"
	"os"
	"os/signal"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"time"

	"doudi/jobs/intake/sheet"
	"doudi/jobs/intake/xls/biff"
)

// Both must be there for a process to be a child: nobody types the one by
// accident, and the other is not inherited by what the child could start.
const (
	childEnv  = "DOUDI_XLS_CHILD=1"
	childName = "DOUDI_XLS_CHILD"
	childArg  = "doudi-xls-child"
	// askSheets asks for the list of sheets; a number asks for a sheet.
	askSheets = "sheets"
)

// Exit codes of a child beside 0; 2 is Go's own after a panic.
const (
	exitMemory  = 41
	exitConfine = 42
	exitWrite   = 43
)

// Memory of a child. biff takes at most 256 MiB for texts, 96 MiB for where they
// stand and 128 MiB for cells, and as much again of the latter two while they
// grow: some 700 MiB. Beyond softMemory the garbage collector works harder, and
// beyond killMemory, which is looked at every pollMemory, the child ends itself.
// hardMemory is where the system, if it can, refuses to give more.
const (
	softMemory = 768 << 20
	killMemory = 896 << 20
	hardMemory = 1 << 30
	pollMemory = 20 * time.Millisecond
	maxStack   = 64 << 20
	// cpuSeconds: the largest sheet that is taken needs about ten on a slow
	// machine.
	cpuSeconds = 60
)

// init makes the program a child if it was started as one. It stands here, and
// not in main, so that every program that imports this package can read .xls,
// the tests of other packages among them.
func init() {
	if len(os.Args) == 3 && os.Args[1] == childArg && os.Getenv(childName) == "1" {
		os.Exit(child(os.Args[2]))
	}
}

// tricks are what tests make a child do.
var tricks = map[string]func() int{}

// child answers one question about the file on standard input and gives the exit
// code. A panic is not caught: the parent understands it.
func child(ask string) int {
	// Ctrl-C is for the parent, which then ends the child.
	signal.Ignore(os.Interrupt)
	debug.SetMemoryLimit(softMemory)
	debug.SetMaxStack(maxStack)
	watchMemory()
	if err := confine(); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		return exitConfine
	}
	if trick := tricks[ask]; trick != nil {
		return trick()
	}
	e := newEncoder(os.Stdout)
	err := answer(e, ask)
	if fe, ok := errors.AsType[*sheet.FileError](err); ok {
		err = e.refuse(fe)
	} else if err == nil {
		err = e.end()
	}
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		return exitWrite
	}
	return 0
}

func answer(e *encoder, ask string) error {
	info, err := os.Stdin.Stat()
	if err != nil {
		return err
	}
	b, err := biff.Open(os.Stdin, info.Size())
	if err != nil {
		return err
	}
	if ask == askSheets {
		return e.sheets(b.Sheets)
	}
	i, err := strconv.Atoi(ask)
	if err != nil {
		return err
	}
	s, err := b.Read(i)
	if err != nil {
		return err
	}
	if err := e.columns(s.HiddenColumns(), s.Layout()); err != nil {
		return err
	}
	return s.Rows(e.row)
}

// watchMemory ends the child when it has taken too much. It gives back when the
// ticker runs, for which the runtime needs file descriptors that confine denies.
func watchMemory() {
	const total, released = "/memory/classes/total:bytes", "/memory/classes/heap/released:bytes"
	s := []metrics.Sample{{Name: total}, {Name: released}}
	t := time.NewTicker(time.Millisecond)
	<-t.C
	t.Reset(pollMemory)
	go func() {
		for range t.C {
			metrics.Read(s)
			if s[0].Value.Uint64()-s[1].Value.Uint64() > killMemory {
				os.Exit(exitMemory)
			}
		}
	}()
}
