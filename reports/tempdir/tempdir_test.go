package tempdir

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// inDir names the folder in which a process of its own is to work.
const inDir = "DOUDI_TEMPDIR_TEST"

// TestMain is a process of its own where the test asks for one: it makes a
// folder, says so and works until it is killed.
func TestMain(m *testing.M) {
	dir := os.Getenv(inDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	d, err := Make(dir, "test")
	if err == nil {
		err = os.WriteFile(filepath.Join(d.Path, "names"), []byte("names"), 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(d.Path)
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(2) // the test must kill it
}

// works starts a process that works in dir; it gives the process and its folder.
func works(t *testing.T, dir string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), inDir+"="+dir)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = in.Close(), cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd, line[:len(line)-1]
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("it ended well")
	}
}

func there(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// TestKilled: what a killed process left goes with the next work in the folder, or
// with a sweep from above; what a living one works in stays.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "2023-08", "330100")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	lives, its := works(t, deep)
	dies, left := works(t, deep)
	if err := SweepAll(dir); err != nil {
		t.Fatal(err)
	}
	if !there(filepath.Join(its, "names")) || !there(filepath.Join(left, "names")) {
		t.Fatal("a living process lost its folder")
	}
	kill(t, dies)
	d, err := Make(deep, "test")
	if err != nil {
		t.Fatal(err)
	}
	if there(left) || there(left+lockEnd) {
		t.Error("what a killed process left is still there")
	}
	if !there(filepath.Join(its, "names")) {
		t.Error("a living process lost its folder")
	}
	kill(t, lives)
	if err := SweepAll(dir); err != nil {
		t.Fatal(err)
	}
	if there(its) || !there(d.Path) {
		t.Errorf("dead %v, ours %v", there(its), there(d.Path))
	}
	if err := d.Remove(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(deep); err != nil || len(left) > 0 {
		t.Errorf("%v %v", left, err)
	}
}

// TestOthersStay: what does not belong here is left alone, and what an older
// version left without a lock goes.
func TestOthersStay(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".doudi-xlsx-1", "医保.xlsx.d", ".git"} {
		if err := os.MkdirAll(filepath.Join(dir, name, "x"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "医保.xlsx"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Sweep(dir); err != nil {
		t.Fatal(err)
	}
	var names []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if !slices.Equal(names, []string{".git", "医保.xlsx", "医保.xlsx.d"}) {
		t.Errorf("%q", names)
	}
	if err := SweepAll(filepath.Join(dir, "nothing")); err != nil {
		t.Error(err)
	}
}

// TestManyAtOnce: works that begin and end in one folder while others sweep it
// never lose their own.
func TestManyAtOnce(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				d, err := Make(dir, "test")
				if err == nil {
					err = errors.Join(os.WriteFile(filepath.Join(d.Path, "x"), nil, 0o600), d.Remove())
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v %v", left, err)
	}
}
