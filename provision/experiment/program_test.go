package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/ioutil"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The tests of this package run the program itself, in real cgroups: they need root on Linux.

var program string

// TestMain builds the program, unless GCEXP_PROGRAM names one: on a guest without Go the compiled tests
// (go test -c) run beside it.
func TestMain(m *testing.M) {
	if program = os.Getenv("GCEXP_PROGRAM"); program != "" {
		os.Exit(m.Run())
	}
	dir, err := ioutil.TempDir("", "gcexp")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "gcexp")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintln(os.Stderr, string(out))
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

type ended struct {
	code           int
	stdout, stderr string
}

// runProgram runs it to its end. Nothing of the caller's Go settings reaches it.
func runProgram(t *testing.T, stdin string, env []string, args ...string) ended {
	t.Helper()
	command := exec.Command(program, args...)
	command.Env = append(cleanEnv(), env...)
	command.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if command.ProcessState == nil {
		t.Fatal(err)
	}
	return ended{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func cleanEnv() []string { return []string{"PATH=" + os.Getenv("PATH"), "HOME=/"} }

func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := ioutil.TempDir("", "gcexp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// loose is a line of a journal, loosely.
type loose map[string]interface{}

func readJournal(t *testing.T, path string) []loose {
	t.Helper()
	text, err := ioutil.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var events []loose
	for _, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		e := loose{}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		events = append(events, e)
	}
	return events
}

func ofType(events []loose, kind string) []loose {
	var found []loose
	for _, e := range events {
		if e["type"] == kind {
			found = append(found, e)
		}
	}
	return found
}

// noCgroupLeft fails for a cgroup of a run that is still there.
func noCgroupLeft(t *testing.T, name string) {
	t.Helper()
	for _, pattern := range []string{"/sys/fs/cgroup/*" + name + "*", "/sys/fs/cgroup/*/*" + name + "*"} {
		if left, _ := filepath.Glob(pattern); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

// begun is a program that still runs.
type begun struct {
	*exec.Cmd
	stdin          io.WriteCloser
	stdout, stderr *lockedBuffer
}

func beginProgram(t *testing.T, stdin string, args ...string) *begun {
	t.Helper()
	b := &begun{Cmd: exec.Command(program, args...), stdout: &lockedBuffer{}, stderr: &lockedBuffer{}}
	b.Env, b.Stdout, b.Stderr = cleanEnv(), b.stdout, b.stderr
	var err error
	if b.stdin, err = b.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Process.Kill() })
	if _, err := io.WriteString(b.stdin, stdin); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *begun) code(t *testing.T) int {
	t.Helper()
	done := make(chan struct{})
	go func() {
		_ = b.Wait()
		close(done)
	}()
	select {
	case <-done:
		return b.ProcessState.ExitCode()
	case <-time.After(30 * time.Second):
		t.Fatalf("it does not end; it said %q", b.stdout.String())
		return -1
	}
}

// waitFor waits until the program has printed something.
func (b *begun) waitFor(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(b.stdout.String(), text); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%q did not come; it said %q", text, b.stdout.String())
		}
	}
}
