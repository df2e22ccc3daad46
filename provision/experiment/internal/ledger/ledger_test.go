package ledger

import (
	"encoding/json"
	"io/ioutil"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gclab/gcexp/internal/fault"
)

func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := ioutil.TempDir("", "gcexp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func TestLeftIsWhatWasMadeAndNotRemoved(t *testing.T) {
	path := filepath.Join(tempDir(t), "new", "ledger.ndjson")
	add := func(run, action, kind, place string) {
		t.Helper()
		if err := Append(path, Entry{Run: run, Action: action, Kind: kind, Path: place}); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := Left(path, "a"); err != nil || left != nil {
		t.Fatal(left, err)
	}
	add("a", "make", "run", "/f")
	add("a", "make", "cgroup", "/c")
	add("b", "make", "cgroup", "/b")
	add("a", "removed", "cgroup", "/c")
	add("a", "make", "cgroup", "/d")
	add("a", "make", "kernel-options", "")
	left, err := Left(path, "a")
	if err != nil || len(left) != 2 || left[0].Path != "/f" || left[1].Path != "/d" {
		t.Fatal(left, err)
	}
	if err := Settle(path, left...); err != nil {
		t.Fatal(err)
	}
	text, err := ioutil.ReadFile(path)
	if err != nil || strings.Count(string(text), "\n") != 2 || !strings.Contains(string(text), `"/b"`) || !strings.Contains(string(text), `"kernel-options","id":"a"`) {
		t.Fatal(string(text), err)
	}
	if err := Settle(path, Entry{Run: "a", Kind: "kernel-options"}); err != nil {
		t.Fatal(err)
	}
	if err := Settle(path, Entry{Run: "b", Kind: "cgroup", Path: "/b"}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Fatal("a ledger that names nothing is still there:", err)
	}
}

func TestALedgerThatCannotBeWrittenIsAnError(t *testing.T) {
	err := Append("/proc/nothing/ledger", Entry{Action: "make", Kind: "run", Run: "r"})
	if err == nil || fault.Of(err).Code != "failed" {
		t.Fatal(err)
	}
}

func TestWhatNobodyCouldReadBackIsNotWritten(t *testing.T) {
	path := filepath.Join(tempDir(t), "ledger.ndjson")
	for _, place := range []string{`/a"b`, `/a\b`, "/a\nb", "/a\tb"} {
		if err := Append(path, Entry{Action: "make", Kind: "run", Run: "r", Path: place}); err == nil {
			t.Errorf("%q was written", place)
		}
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Error(err)
	}
}

// Another writer that was stopped would otherwise hold up a run for ever.
func TestAWriterWaitsForAnotherNoLongerThanItSays(t *testing.T) {
	dir := tempDir(t)
	path := filepath.Join(dir, "ledger.ndjson")
	folder, err := lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	lockWithin = 50 * time.Millisecond
	defer func() { lockWithin = 10 * time.Second }()
	entry := Entry{Action: "make", Kind: "run", Run: "r"}
	err = Append(path, entry)
	if err == nil || !strings.Contains(err.Error(), "process ") || fault.Of(err).Hint == "" {
		t.Fatal(err)
	}
	folder.Close()
	if err := Append(path, entry); err != nil {
		t.Fatal(err)
	}
}

type ledgerCase struct {
	Name    string
	Lines   []string
	Open    []string
	Applied []string
	Unread  int
}

// The table that the scripts of provision/guest run too.
func TestTheTableOfTheContract(t *testing.T) {
	text, err := ioutil.ReadFile("../../../../test/fixtures/contract/ledger.json")
	if err != nil {
		t.Skip("the table is in the repository only:", err)
	}
	var table struct{ Cases []ledgerCase }
	if err := json.Unmarshal(text, &table); err != nil || len(table.Cases) == 0 {
		t.Fatal(err)
	}
	path := filepath.Join(tempDir(t), "ledger.ndjson")
	for _, c := range table.Cases {
		write := func() {
			if err := ioutil.WriteFile(path, []byte(strings.Join(c.Lines, "\n")), 0600); err != nil {
				t.Fatal(err)
			}
		}
		write()
		c.check(t, path, "read")
		if err := Settle(path); err != nil {
			t.Fatal(err)
		}
		c.check(t, path, "settled")
		settled, err := ioutil.ReadFile(path)
		if wanted := len(c.Open) + len(c.Applied) + c.Unread; strings.Count(string(settled), "\n") != wanted || (err == nil) != (wanted > 0) {
			t.Errorf("%s: settled, %d lines are wanted of %q (%v)", c.Name, wanted, settled, err)
		}
		write()
		if err := Append(path, Entry{Action: "make", Kind: "run", Run: "added"}); err != nil {
			t.Fatal(err)
		}
		c.Open = append(c.Open, "run added")
		c.check(t, path, "with one more line")
	}
}

func (c ledgerCase) check(t *testing.T, path, when string) {
	t.Helper()
	text, err := ioutil.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var made, applied []string
	unread := 0
	for _, l := range open(parse(text)) {
		thing := strings.TrimSpace(l.entry.Kind + " " + l.entry.Run + " " + l.entry.Path)
		switch {
		case !l.isEntry:
			unread++
		case l.entry.Action == "make":
			made = append(made, thing)
		default:
			applied = append(applied, thing)
		}
	}
	if strings.Join(made, "|") != strings.Join(c.Open, "|") || strings.Join(applied, "|") != strings.Join(c.Applied, "|") || unread != c.Unread {
		t.Errorf("%s, %s: open %q, applied %q, unread %d", c.Name, when, made, applied, unread)
	}
}
