package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// longestLine is how much of a password is read at most.
const longestLine = 1 << 10

// password reads a new password: on a terminal twice, without showing it; else the
// first line of standard input.
func (a *app) password(cmd *cobra.Command, what string) (string, error) {
	if fd := int(os.Stdin.Fd()); cmd.InOrStdin() == io.Reader(os.Stdin) && term.IsTerminal(fd) {
		return a.typedTwice(cmd.Context(), fd, what)
	}
	line, err := bufio.NewReader(io.LimitReader(cmd.InOrStdin(), longestLine)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", &problem{code: exitUsage, msg: "标准输入里没有密码", hint: "密码从标准输入的第一行读，如 doudi user passwd 用户名 < 文件；不要写在命令行里"}
	}
	return line, nil
}

func (a *app) typedTwice(ctx context.Context, fd int, what string) (string, error) {
	one, err := a.typed(ctx, fd, what+"：")
	if err != nil {
		return "", err
	}
	two, err := a.typed(ctx, fd, "再输一遍：")
	if err != nil {
		return "", err
	}
	if one != two {
		return "", usage("两遍输的不一样")
	}
	return one, nil
}

// typed reads a line that the terminal does not show. Ctrl-C gives the terminal back as
// it was.
func (a *app) typed(ctx context.Context, fd int, prompt string) (string, error) {
	was, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	fmt.Fprint(a.err, prompt)
	type read struct {
		line []byte
		err  error
	}
	got := make(chan read, 1)
	go func() {
		line, err := term.ReadPassword(fd)
		got <- read{line, err}
	}()
	defer fmt.Fprintln(a.err)
	select {
	case r := <-got:
		return string(r.line), r.err
	case <-ctx.Done():
		return "", errors.Join(ctx.Err(), term.Restore(fd, was))
	}
}
