package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestByHandIsKilledWithoutACollectionAndSurvivesWithOne(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{{nil, "3 trials: 3 oom-killed, 0 survived"}, {[]string{"-gc"}, "3 trials: 0 oom-killed, 3 survived"}} {
		got := runProgram(t, "", nil, append(c.args, "-trials", "3")...)
		if got.code != 0 || !strings.Contains(got.stdout, c.want) || !strings.Contains(got.stdout, "30198988 bytes") {
			t.Errorf("%v: %+v", c.args, got)
		}
	}
	noCgroupLeft(t, "gclab-by-hand")
}

func TestByHandJournalHasEveryStep(t *testing.T) {
	path := filepath.Join(tempDir(t), "journal")
	if got := runProgram(t, "", []string{"GODEBUG=madvdontneed=1"}, "-gc", "-gogc", "150", "-journal", path); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	events := readJournal(t, path)
	if events[0]["type"] != "journal" || events[len(events)-1]["type"] != "end" {
		t.Fatal("the first or the last line is another")
	}
	steps := []string{}
	for _, e := range ofType(events, "step") {
		steps = append(steps, e["step"].(string))
	}
	if strings.Join(steps, " ") != "allocate-90 release gc allocate-10" {
		t.Error(steps)
	}
	ready := ofType(events, "ready")[0]
	if ready["gogc"] != "150" || ready["godebug"] != "madvdontneed=1,gctrace=1" {
		t.Error(ready)
	}
	for _, kind := range []string{"trial-start", "begin", "samples", "gc", "trial-end"} {
		if len(ofType(events, kind)) == 0 {
			t.Error("no line of type", kind)
		}
	}
}

func TestByHandRefusesWithAMessageAndACode(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"an unknown flag":             {[]string{"-nope"}, 2, "-nope"},
		"an argument":                 {[]string{"x"}, 2, `"x"`},
		"no size":                     {[]string{"-limit", "32 MiB; $(id)\n"}, 2, "not a size"},
		"no trials":                   {[]string{"-trials", "0"}, 2, "trials 0"},
		"a limit above the memory":    {[]string{"-limit", "100TiB"}, 3, "above this guest's memory"},
		"a limit below Go's needs":    {[]string{"-limit", "512KiB"}, 3, "the smallest that works here is"},
		"a limit of one byte":         {[]string{"-limit", "1"}, 3, "the smallest that works here is"},
		"a journal that cannot be":    {[]string{"-journal", "/nonexistent/x"}, 1, "a file that is not there yet"},
		"an address that cannot be":   {[]string{"-interactive", "-listen", "256.1.1.1:1"}, 1, "listening on"},
		"a negative rate":             {[]string{"-sample-hz", "-5"}, 2, "sampleHz"},
		"a GOMEMLIMIT that is no one": {[]string{"-gomemlimit", "lots"}, 2, `-gomemlimit: "lots"`},
		"a GOGC that is none":         {[]string{"-gogc", "lots"}, 2, `-gogc: "lots"`},
		"an address without a port":   {[]string{"-interactive", "-listen", "here"}, 1, "such as 127.0.0.1:1112"},
	} {
		got := runProgram(t, "", nil, c.args...)
		if got.code != c.code || !strings.Contains(got.stderr, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	noCgroupLeft(t, "gclab-by-hand")
}

func TestByHandTakesASoftLimitInAnyUnit(t *testing.T) {
	path := filepath.Join(tempDir(t), "journal")
	if got := runProgram(t, "", nil, "-gc", "-gogc", "off", "-gomemlimit", "28M", "-journal", path); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	ready := ofType(readJournal(t, path), "ready")[0]
	if ready["gogc"] != "off" || ready["gomemlimit"] != "29360128" {
		t.Error(ready)
	}
}

func TestByHandTellsOnceThatNobodyReads(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	command := exec.Command(program)
	command.Env = cleanEnv()
	var stderr strings.Builder
	command.Stdout, command.Stderr = full, &stderr
	if err := command.Run(); err == nil || !strings.HasPrefix(stderr.String(), "gcexp: telling what happens: ") {
		t.Error(err, stderr.String())
	}
}

func TestByHandNamesAPortThatIsTaken(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	got := runProgram(t, "", nil, "-interactive", "-listen", listener.Addr().String())
	if got.code != 1 || !strings.Contains(got.stderr, "address already in use") {
		t.Fatalf("%+v", got)
	}
}

func TestASignalEndsItWithItsCgroupGone(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		b := beginProgram(t, "", "-interactive", "-listen", "127.0.0.1:0")
		b.waitFor(t, "listening on")
		if err := b.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if code := b.code(t); code != 0 || !strings.Contains(b.stdout.String(), "1 inconclusive (stopped)") {
			t.Errorf("%v: %d %s", signal, code, b.stdout.String())
		}
	}
	noCgroupLeft(t, "gclab-by-hand")
}

func TestSignalsAtAnyMomentLeaveNothing(t *testing.T) {
	for i := 0; i < 25; i++ {
		b := beginProgram(t, "", "-trials", "1000")
		b.waitFor(t, "gcexp:")
		for j := 0; j < i*1000000; j++ {
			// A little later each time, without a clock's granularity.
		}
		_ = b.Process.Signal(syscall.SIGTERM)
		if code := b.code(t); code != 0 {
			t.Errorf("%d: %d %s", i, code, b.stdout.String())
		}
	}
	noCgroupLeft(t, "gclab-by-hand")
}

func TestTwoAtOnceNeverMeet(t *testing.T) {
	var both []*begun
	for i := 0; i < 2; i++ {
		both = append(both, beginProgram(t, "", "-trials", "10"))
	}
	for _, b := range both {
		if code := b.code(t); code != 0 || !strings.Contains(b.stdout.String(), "10 trials: 10 oom-killed") {
			t.Errorf("%d %s", code, b.stdout.String())
		}
	}
	noCgroupLeft(t, "gclab-by-hand")
}

func TestAReadOnlyCgroupTreeIsNamed(t *testing.T) {
	script := `for d in /sys/fs/cgroup /sys/fs/cgroup/*; do mountpoint -q $d && mount -o remount,bind,ro $d; done; exec "$0"`
	// In a plain chroot the root is no mount, and unshare could make nothing private by way of it.
	private := `mount --make-rprivate / 2>/dev/null || while read -r _ _ _ _ at _; do mount --make-private "$at"; done </proc/self/mountinfo; `
	got := runUnder(t, "unshare", "-m", "--propagation", "unchanged", "sh", "-c", private+script, program)
	if got.code != 3 || !strings.Contains(got.stderr, "read-only") {
		t.Fatalf("%+v", got)
	}
}

func TestAUserWithoutRightsGetsAClearError(t *testing.T) {
	allow(t, filepath.Dir(program))
	got := runUnder(t, "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", program)
	if got.code != 3 || !strings.Contains(got.stderr, "try: ") || !strings.Contains(got.stderr, "root") {
		t.Fatalf("%+v", got)
	}
}

func TestAReaderThatGoesAwayLeavesNoCgroup(t *testing.T) {
	got := runUnder(t, "sh", "-c", `"$0" -trials 50 | head -n 3`, program)
	if !strings.Contains(got.stdout, "trial 1 of 50") {
		t.Fatalf("%+v", got)
	}
	for i := 0; i < 200; i++ {
		if left, _ := filepath.Glob("/sys/fs/cgroup/*/*gclab-by-hand*"); len(left) == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	noCgroupLeft(t, "gclab-by-hand")
}
