package runfolder

import (
	"io/ioutil"
	"os"
	"testing"
	"time"

	"gclab/gcexp/internal/fault"
)

func made(t *testing.T) Folder {
	t.Helper()
	dir, err := ioutil.TempDir("", "gcexp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	f := Of(dir, "r1")
	if err := f.Make(); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestMakingTwiceIsRefused(t *testing.T) {
	f := made(t)
	if err := f.Make(); fault.Of(err).Code != "run-exists" {
		t.Fatal(err)
	}
	if f.Run() != "r1" || f.Find() != nil || Folder("/nowhere/runs/x").Find() == nil || Folder("/tmp").Find() == nil {
		t.Fatal("Find is wrong")
	}
}

func TestTheLockIsTheProofOfLife(t *testing.T) {
	f := made(t)
	if f.Lives() || f.WaitGone() != nil {
		t.Fatal("a run without a supervisor lives")
	}
	lock, err := f.TakeLock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.TakeLock(); err == nil || !f.Lives() {
		t.Fatal("the lock does not hold")
	}
	gone := make(chan error, 1)
	go func() { gone <- f.WaitGone() }()
	select {
	case <-gone:
		t.Fatal("gone while the lock is held")
	case <-time.After(50 * time.Millisecond):
	}
	lock.Close()
	if err := <-gone; err != nil || f.Lives() {
		t.Fatal(err)
	}
}

func TestStopReachesWhoeverObeys(t *testing.T) {
	f := made(t)
	if err := f.AskStop(); err != nil {
		t.Fatal("nobody there is no error:", err)
	}
	stopped := make(chan struct{}, 9)
	if err := f.Obey(func() { stopped <- struct{}{} }); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < 2; i++ {
		if err := f.AskStop(); err != nil {
			t.Fatal(err)
		}
		<-stopped
	}
}

func TestLastWordsNeedNoNewRoom(t *testing.T) {
	f := made(t)
	if f.ReadFailure() != "" {
		t.Fatal("words before any")
	}
	before, _ := os.Stat(f.Failure())
	f.RecordFailure([]byte(`{"code":"x"}`))
	after, _ := os.Stat(f.Failure())
	if f.ReadFailure() != `{"code":"x"}` || before.Size() != after.Size() {
		t.Fatal(f.ReadFailure())
	}
}

func TestAStopIsHeardByASupervisorThatDoesNotListenYet(t *testing.T) {
	dir, err := ioutil.TempDir("", "runfolder")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := Folder(dir).AskStop(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	if err := Folder(dir).Obey(func() { stopped = true }); err != nil || !stopped {
		t.Fatal("it was not asked to stop:", err)
	}
}
