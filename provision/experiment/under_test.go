package main

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
)

// runUnder runs another program that runs gcexp.
func runUnder(t *testing.T, argv ...string) ended {
	t.Helper()
	command := exec.Command(argv[0], argv[1:]...)
	command.Env = cleanEnv()
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if command.ProcessState == nil {
		t.Fatal(err)
	}
	return ended{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// allow lets every user into a folder.
func allow(t *testing.T, dir string) {
	t.Helper()
	if err := os.Chmod(dir, 0755); err != nil {
		t.Fatal(err)
	}
}
