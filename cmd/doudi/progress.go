package main

import (
	"fmt"
	"os"

	"doudi/jobs"

	"github.com/schollz/progressbar/v3"
)

// showProgress shows how far a run is: a bar for each stage on a terminal, a
// line for each file elsewhere.
func (a *app) showProgress(cy *jobs.Cycle) {
	if !isTerminal(a.err) {
		cy.Say = func(f string, args ...any) { fmt.Fprintf(a.err, f+"\n", args...) }
		return
	}
	var bar *progressbar.ProgressBar
	stage := ""
	cy.Progress = func(name string, done, total int) {
		if name != stage {
			stage = name
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(a.err), progressbar.OptionSetDescription(name),
				progressbar.OptionShowCount(), progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish())
		}
		if err := bar.Set(done); err != nil {
			fmt.Fprintf(a.err, "%s %d/%d\n", name, done, total)
		}
	}
}

// isTerminal reports whether w is a terminal.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}
