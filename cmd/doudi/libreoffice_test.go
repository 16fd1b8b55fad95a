package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	cells "doudi/jobs/intake/sheet"
	"doudi/jobs/intake/xlsx"
	"doudi/reports/soffice"
)

// everyBook writes each kind of workbook that there is: those of two counties for
// three months with returned rows, the clearance of a year and its statement, a
// simulation. It gives their paths.
func everyBook(t *testing.T) []string {
	t.Helper()
	ws, files, _ := newCounty(t, 150, 1500)
	importAll(t, ws, files, func(s []string) []string { return s })
	for _, m := range []string{"2023-06", "2023-08"} {
		doudi(t, ws, []int{exitDone, exitReturned}, "run", "--month", m)
	}
	overlay := filepath.Join(t.TempDir(), "overlay.yaml")
	if err := os.WriteFile(overlay, []byte("assist:\n  ratio: {dibian: 70%}\n  deductible: {dibian: 1500}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	doudi(t, ws, []int{exitDone}, "simulate", "--overlay", overlay, "--year", "2023", "--area", "410200")
	doudi(t, ws, []int{exitDone}, "reconcile", "--month", "2023-08", "--area", "330100")
	var books []string
	err := filepath.WalkDir(ws, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(path) == ".xlsx" && !strings.Contains(path, string(filepath.Separator)+"archive"+string(filepath.Separator)) {
			books = append(books, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return books
}

// TestLibreOfficeAgrees: a second program opens every workbook, loses nothing of
// it, and calculates every formula to the value that stands beside it.
func TestLibreOfficeAgrees(t *testing.T) {
	if _, err := soffice.Find(); err != nil {
		t.Fatalf("%v: .ci/setup installs it", err)
	}
	from, to := t.TempDir(), t.TempDir()
	var files []string
	formulas := 0
	for i, path := range everyBook(t) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		// Departments of several areas and months have the same names.
		file := filepath.Join(from, fmt.Sprintf("%03d-%s", i, filepath.Base(path)))
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	if len(files) < 20 {
		t.Fatalf("only %d workbooks", len(files))
	}
	made, err := soffice.Convert(t.Context(), soffice.XLSX, to, files...)
	if err != nil {
		t.Fatal(err)
	}
	for i, file := range files {
		n, err := agree(file, made[i])
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
		}
		formulas += n
	}
	if formulas < 100 {
		t.Errorf("only %d formulas in %d workbooks", formulas, len(files))
	}
	t.Logf("%d workbooks, %d formulas", len(files), formulas)

	// The check can fail: one stored value changed by a fen, and a file cut short.
	wrong := filepath.Join(from, "wrong.xlsx")
	if !spoil(t, files, wrong) {
		t.Fatal("no formula to spoil")
	}
	made, err = soffice.Convert(t.Context(), soffice.XLSX, to, wrong)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := agree(wrong, made[0]); err == nil {
		t.Error("a wrong stored value was not noticed")
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(from, "cut.xlsx")
	if err := os.WriteFile(cut, data[:len(data)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if made, err := soffice.Convert(t.Context(), soffice.XLSX, to, cut); err == nil {
		if _, err := agree(files[0], made[0]); err == nil {
			t.Error("half a file was not noticed")
		}
	}
}

// agree compares two workbooks cell by cell and gives how many formulas there are.
func agree(was, is string) (formulas int, err error) {
	a, err := xlsx.Open(was)
	if err != nil {
		return 0, err
	}
	defer a.Close()
	b, err := xlsx.Open(is)
	if err != nil {
		return 0, err
	}
	defer b.Close()
	if x, y := strings.Join(a.Sheets(), "|"), strings.Join(b.Sheets(), "|"); x != y {
		return 0, fmt.Errorf("sheets %s became %s", x, y)
	}
	for i, name := range a.Sheets() {
		n, err := agreeSheet(a, b, i)
		formulas += n
		if err != nil {
			return formulas, fmt.Errorf("sheet %s: %w", name, err)
		}
	}
	return formulas, nil
}

type place struct{ row, col int }

func agreeSheet(a, b cells.Book, i int) (formulas int, err error) {
	was, err := cellsOf(a, i)
	if err != nil {
		return 0, err
	}
	is, err := cellsOf(b, i)
	if err != nil {
		return 0, err
	}
	for at, x := range was {
		y := is[at]
		where := cells.ColumnName(at.col) + strconv.Itoa(at.row)
		if x.Formula {
			formulas++
			if !y.Formula || y.Kind == cells.Error {
				return formulas, fmt.Errorf("%s: a formula became %s", where, kinds(y))
			}
		}
		if !sameCell(x, y) {
			// No content: it may be a name.
			return formulas, fmt.Errorf("%s: %s became %s", where, kinds(x), kinds(y))
		}
	}
	for at, y := range is {
		if _, ok := was[at]; !ok {
			return formulas, fmt.Errorf("%s%d: %s came from nowhere", cells.ColumnName(at.col), at.row, kinds(y))
		}
	}
	return formulas, nil
}

func kinds(c cells.Cell) string {
	switch {
	case c.Kind == cells.Empty:
		return "nothing"
	case c.Kind == cells.Text:
		return fmt.Sprintf("a text of %d characters", len([]rune(c.Text)))
	}
	return fmt.Sprintf("%s (kind %d)", c.Text, c.Kind)
}

func sameCell(x, y cells.Cell) bool {
	if x.Kind == cells.Number && y.Kind == cells.Number {
		p, err1 := strconv.ParseFloat(x.Text, 64)
		q, err2 := strconv.ParseFloat(y.Text, 64)
		// Fifteen digits are what Excel shows; amounts here stay far below.
		return err1 == nil && err2 == nil && (p == q || math.Abs(p-q) <= 1e-14*math.Abs(p))
	}
	return x.Kind == y.Kind && strings.ReplaceAll(x.Text, "\r\n", "\n") == strings.ReplaceAll(y.Text, "\r\n", "\n")
}

func cellsOf(b cells.Book, i int) (map[place]cells.Cell, error) {
	r, err := b.Open(i)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	out := map[place]cells.Cell{}
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		for k, c := range row.Cells {
			if c.Kind != cells.Empty && c.Text != "" {
				c.Text = strings.Clone(c.Text)
				out[place{row.Number, k}] = c
			}
		}
	}
}

var stored = regexp.MustCompile(`(</f><v>)(-?\d+)(\.\d+)?(</v>)`)

// spoil writes a copy of the first file with a formula, whose stored value is
// wrong.
func spoil(t *testing.T, files []string, to string) bool {
	t.Helper()
	for _, file := range files {
		z, err := zip.OpenReader(file)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		done := false
		for _, part := range z.File {
			r, err := part.Open()
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			if m := stored.FindSubmatchIndex(data); m != nil && !done {
				done = true
				data = []byte(string(data[:m[4]]) + "7" + string(data[m[4]:]))
				data = bytes.Replace(data, []byte("7-"), []byte("-7"), 1)
			}
			p, err := w.Create(part.Name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Write(data); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(w.Close(), z.Close()); err != nil {
			t.Fatal(err)
		}
		if done {
			if err := os.WriteFile(to, out.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			return true
		}
	}
	return false
}
