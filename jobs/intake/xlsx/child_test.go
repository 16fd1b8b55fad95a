package xlsx

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// Memory is measured in processes of their own, by the operating system's peak
// of resident memory: it counts everything, and nothing that other tests left.
const (
	childEnv = "DOUDI_TEST_READ"       // "ours", "excelize" or "nothing"
	fileEnv  = "DOUDI_TEST_READ_FILE"  // what to read
	limitEnv = "DOUDI_TEST_READ_LIMIT" // soft memory limit in bytes, as GOMEMLIMIT sets it; 0 none
)

// usage is what reading a file took.
type usage struct {
	Cells   int
	CPU     time.Duration // without starting the process
	Wall    time.Duration
	PeakRSS int64 // bytes
}

// TestMain makes this process the reader if it was started as one.
func TestMain(m *testing.M) {
	if who := os.Getenv(childEnv); who != "" {
		if err := child(who, os.Getenv(fileEnv), os.Getenv(limitEnv)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(who, file, limit string) error {
	if n, err := strconv.ParseInt(limit, 10, 64); err == nil && n > 0 {
		debug.SetMemoryLimit(n)
	}
	start, began := cpu(), time.Now()
	u := usage{}
	var err error
	switch who {
	case "ours":
		u.Cells, err = countOurs(file)
	case "excelize":
		u.Cells, err = countExcelize(file)
	}
	u.CPU, u.Wall = cpu()-start, time.Since(began)
	if err != nil {
		return err
	}
	if u.PeakRSS, err = peakRSS(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(u)
}

// measure reads file in a process of its own.
func measure(tb testing.TB, who, file string, limit int64) usage {
	tb.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+who, fileEnv+"="+file, fmt.Sprintf("%s=%d", limitEnv, limit))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		tb.Fatalf("reading by %s: %v", who, err)
	}
	var u usage
	if err := json.Unmarshal(out, &u); err != nil {
		tb.Fatal(err)
	}
	return u
}

// peakRSS is the peak of this process's resident memory. Getrusage's would
// include that of the process that started this one.
func peakRSS() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	var kib int64
	if _, err := fmt.Sscan(string(rest), &kib); err != nil {
		return 0, fmt.Errorf("VmHWM: %w", err)
	}
	return kib << 10, nil
}

// cpu is the processor time that this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func countOurs(file string) (int, error) {
	book, err := Open(file)
	if err != nil {
		return 0, err
	}
	defer book.Close()
	r, err := book.Open(0)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	for n := 0; ; {
		row, err := r.Next()
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
		n += len(row.Cells)
	}
}

func countExcelize(file string) (int, error) {
	f, err := excelize.OpenFile(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	rows, err := f.Rows(f.GetSheetName(0))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		cols, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return 0, err
		}
		n += len(cols)
	}
	return n, rows.Error()
}
