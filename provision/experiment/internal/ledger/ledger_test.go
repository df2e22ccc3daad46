package ledger

import (
	"io/ioutil"
	"os"
	"path/filepath"
	"testing"

	"gclab/gcexp/internal/fault"
)

func TestLeftIsWhatWasMadeAndNotRemoved(t *testing.T) {
	dir, err := ioutil.TempDir("", "gcexp")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "new", "ledger.ndjson")
	add := func(run, action, kind, place string) {
		t.Helper()
		if err := Append(path, Entry{Run: run, Action: action, Kind: kind, Path: place}); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := Left(path, "a"); err != nil || left != nil {
		t.Fatal(left, err)
	}
	add("a", "make", "folder", "/f")
	add("a", "make", "cgroup", "/c")
	add("b", "make", "cgroup", "/b")
	add("a", "removed", "cgroup", "/c")
	add("a", "make", "cgroup", "/d")
	file, _ := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	_, _ = file.WriteString(`{"run":"a","action":"ma`)
	file.Close()
	left, err := Left(path, "a")
	if err != nil || len(left) != 2 || left[0].Path != "/f" || left[1].Path != "/d" {
		t.Fatal(left, err)
	}
}

func TestALedgerThatCannotBeWrittenIsAnError(t *testing.T) {
	err := Append("/proc/nothing/ledger", Entry{})
	if err == nil || fault.Of(err).Code != "failed" {
		t.Fatal(err)
	}
}
