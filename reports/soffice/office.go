// Package soffice hands workbooks to LibreOffice, where it is present: for the PDF
// of the leaders' page, and in tests as a second program that reads and
// calculates what we wrote. It knows nothing of what stands in a workbook.
package soffice

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"doudi/reports/tempdir"
)

// ErrAbsent says that there is no LibreOffice on this machine.
var ErrAbsent = errors.New("没有找到 LibreOffice（soffice）")

// Format is what files are converted to.
type Format string

// The formats that doudi asks for.
const (
	// PDF prints a workbook as its sheets are laid out.
	PDF Format = "pdf"
	// PDFFirstPage prints its first page alone.
	PDFFirstPage Format = `pdf:calc_pdf_Export:{"PageRange":{"type":"string","value":"1"}}`
	// XLSX reads a workbook, calculates every formula anew whatever value is
	// stored beside it, and writes it again.
	XLSX Format = "xlsx:Calc MS Excel 2007 XML"
)

// each is the time that one file may take, start the time that the program may.
const (
	start = 90 * time.Second
	each  = 60 * time.Second
)

// settings make LibreOffice calculate instead of trusting stored values, and keep
// it from asking, recovering or looking for updates.
const settings = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Misc"><prop oor:name="FirstRun" oor:op="fuse"><value>false</value></prop></item>
<item oor:path="/org.openoffice.Office.Recovery/AutoSave"><prop oor:name="Enabled" oor:op="fuse"><value>false</value></prop></item>
</oor:items>
`

// Find gives the program's path, or ErrAbsent.
func Find() (string, error) {
	for _, name := range []string{"soffice", "libreoffice"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrAbsent
}

// Convert converts files to one format, in the order given, and gives the paths of
// what it made in dir: the files' names with the format's ending. Two files may
// not have the same name. A file that LibreOffice cannot read is an error that
// names the file; what was made before stays. What stood in dir under such a name
// is replaced by a whole file only.
//
// LibreOffice runs with a profile of its own, so that it neither meets an open
// office of the user nor leaves traces in theirs; workbooks hold names and IDs,
// so everything between is in a hidden folder in dir, which is removed.
func Convert(ctx context.Context, to Format, dir string, files ...string) (made []string, err error) {
	if len(files) == 0 {
		return nil, nil
	}
	program, err := Find()
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	work, err := tempdir.Make(dir, "office")
	if err != nil {
		return nil, fmt.Errorf("soffice: %w", err)
	}
	defer func() { err = errors.Join(err, work.Remove()) }()
	tmp := work.Path
	profile := filepath.Join(tmp, "profile")
	if err := os.MkdirAll(filepath.Join(profile, "user"), 0o700); err != nil {
		return nil, fmt.Errorf("soffice: %w", err)
	}
	if err := os.WriteFile(filepath.Join(profile, "user", "registrymodifications.xcu"), []byte(settings), 0o600); err != nil {
		return nil, fmt.Errorf("soffice: %w", err)
	}

	ctx, cancel := context.WithTimeout(ctx, start+time.Duration(len(files))*each)
	defer cancel()
	out := filepath.Join(tmp, "out")
	args := []string{"-env:UserInstallation=" + (&url.URL{Scheme: "file", Path: filepath.ToSlash(profile)}).String(),
		"--headless", "--norestore", "--nolockcheck", "--nologo", "--convert-to", string(to), "--outdir", out}
	for _, f := range files {
		abs, err := filepath.Abs(f)
		if err != nil {
			return nil, err
		}
		args = append(args, abs)
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = tmp
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	group(cmd)
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, fmt.Errorf("soffice: %w", err)
	}
	// The program ends well whatever it could not read, and its words hold paths:
	// only what lies in the folder counts.
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), filepath.Ext(f)) + "." + to.ending()
		path := filepath.Join(dir, name)
		switch err := os.Rename(filepath.Join(out, name), path); {
		case errors.Is(err, fs.ErrNotExist):
			return made, fmt.Errorf("LibreOffice 打不开 %s", filepath.Base(f))
		case err != nil:
			return made, fmt.Errorf("soffice: %w", err)
		}
		made = append(made, path)
	}
	return made, nil
}

func (f Format) ending() string {
	name, _, _ := strings.Cut(string(f), ":")
	return name
}
