package journal

import (
	"encoding/json"
	"io/ioutil"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"gclab/gcexp/internal/contract"
	"gclab/gcexp/internal/fault"
)

type note struct {
	Type    string `json:"type"`
	T       int64  `json:"t"`
	Message string `json:"message"`
}

func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := ioutil.TempDir("", "gcexp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func TestEveryLineIsWholeWhoeverWrites(t *testing.T) {
	path := filepath.Join(tempDir(t), "journal")
	j, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := 0; i < 4; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for k := 0; k < 200; k++ {
				_ = j.Write(note{"note", j.Now(), "a->b\n<c>"})
				_ = j.WriteSamples(1, []int64{1, 2}, []int64{3, -4})
				j.Flush()
			}
		}()
	}
	all.Wait()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	text, _ := ioutil.ReadFile(path)
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(lines) != 1600 || !strings.Contains(string(text), `{"type":"samples","t":2,"trial":1,"at":[1,2],"usage":[3,-4]}`) || !strings.Contains(string(text), "a->b") {
		t.Fatal(len(lines))
	}
	for _, line := range lines {
		if !json.Valid([]byte(line)) {
			t.Fatalf("%q", line)
		}
	}
}

func TestAJournalIsNeverOverwritten(t *testing.T) {
	path := filepath.Join(tempDir(t), "journal")
	if err := ioutil.WriteFile(path, []byte("x"), 0600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil {
		t.Fatal("it was opened")
	}
}

func TestAFullDiskLeavesWholeLinesAndACode(t *testing.T) {
	dir := tempDir(t)
	if err := syscall.Mount("gcexp", dir, "tmpfs", 0, "size=16k"); err != nil {
		t.Fatal(err)
	}
	defer syscall.Unmount(dir, 0)
	path := filepath.Join(dir, "journal")
	j, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < 1000 && err == nil; i++ {
		err = j.Write(note{Message: strings.Repeat("x", 100)})
	}
	if err == nil || fault.Of(err).Code != "no-space" || j.Write(note{}) == nil || j.Err() == nil {
		t.Fatal(err)
	}
	text, _ := ioutil.ReadFile(path)
	if len(text) == 0 || text[len(text)-1] != '\n' {
		t.Fatal("the last line is not whole")
	}
	_ = j.Close()
}

func TestWithoutAPathNothingIsKept(t *testing.T) {
	j, err := Open("")
	if err != nil || j.Write(note{}) != nil || j.Close() != nil {
		t.Fatal(err)
	}
	j.Flush()
}

func TestAJournalThatGrowsWithoutEndIsEndedWithACode(t *testing.T) {
	path := filepath.Join(tempDir(t), "journal")
	j, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	j.left = 1000
	for i := 0; i < 100 && err == nil; i++ {
		err = j.WriteSamples(1, []int64{1, 2}, []int64{3, 4})
	}
	if err == nil || fault.Of(err).Code != "journal-too-large" || j.Err() == nil {
		t.Fatal(err)
	}
	text, _ := ioutil.ReadFile(path)
	if len(text) == 0 || len(text) > 1000 || text[len(text)-1] != '\n' {
		t.Fatal(len(text))
	}
	_ = j.Close()
}

func TestTheBoundIsTheControllersToo(t *testing.T) {
	var bounds struct{ JournalBytes, TrialsPerRun, SamplesPerLine int64 }
	if err := contract.Read("bounds.json", &bounds); err != nil || bounds.JournalBytes != MaxBytes {
		t.Fatal(bounds, err)
	}
}
