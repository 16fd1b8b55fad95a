package xlsx

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"doudi/jobs/intake/sheet"
)

// above is what doc.go promises: so much memory beyond the shared strings, which
// count with the bytes of their part.
const above = 64 * mebi

// checkMemory reads file in a process whose garbage collector is told to keep
// to half of what is promised, as GOMEMLIMIT does, and looks at the memory that
// the operating system saw. What the program needs for nothing is taken off.
func checkMemory(tb testing.TB, file string, stringBytes int64) usage {
	tb.Helper()
	empty := measure(tb, "nothing", file, 0)
	u := measure(tb, "ours", file, stringBytes+above/2)
	if got := u.PeakRSS - empty.PeakRSS; got > stringBytes+above {
		tb.Errorf("%d MB for %d MB of shared strings", got/mebi, stringBytes/mebi)
	}
	u.PeakRSS -= empty.PeakRSS
	return u
}

func TestMemory(t *testing.T) {
	for _, shared := range []bool{true, false} {
		c := claims{rows: 40_000, shared: shared, level: 1}
		file, stringBytes := c.write(t)
		u := checkMemory(t, file, stringBytes)
		if u.Cells != c.rows*claimColumns {
			t.Errorf("read %d cells", u.Cells)
		}
		t.Logf("shared=%t: %d MB, of which shared strings %d MB", shared, u.PeakRSS/mebi, stringBytes/mebi)
	}
}

// TestMemoryAtTheLimits has rows as long as they may be, as many styles and, for
// their bytes, as many strings as possible.
func TestMemoryAtTheLimits(t *testing.T) {
	const sheet1, sst, styles = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"
	cell := `<c t="inlineStr"><is><t>` + strings.Repeat("长", sheet.MaxCell) + `</t></is></c>`
	row := `<row>` + strings.Repeat(cell, maxRowText/3/sheet.MaxCell) + `</row>`
	const stringCount = 8 * mebi
	p := newPkg(ws(strings.Repeat(row, 12)))
	p = p.with(styles, `<styleSheet><numFmts>`+strings.Repeat(`<numFmt numFmtId="200" formatCode="yyyy"/>`, maxFormats)+`</numFmts><cellXfs>`+strings.Repeat(`<xf/>`, maxStyles)+`</cellXfs></styleSheet>`)
	p = p.with(sst, `<sst>`+strings.Repeat("<si/>", stringCount)+`</sst>`)
	file := filepath.Join(t.TempDir(), "book.xlsx")
	if err := os.WriteFile(file, rawZip(t, p, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	u := checkMemory(t, file, int64(len(p[sst])))
	if want := 12 * (maxRowText / 3 / sheet.MaxCell); u.Cells != want {
		t.Errorf("read %d cells, want %d", u.Cells, want)
	}
	t.Logf("%d MB, of which shared strings %d MB", u.PeakRSS/mebi, len(p[sst])/mebi)
}
