package runfolder

import (
	"bufio"
	"os"
	"syscall"

	"gclab/gcexp/internal/fault"
)

// A pipe in the folder carries `stop` to the supervisor. Unlike a process number it never comes to
// mean somebody else.

// Obey calls stop when somebody asks for it, for as long as the process lives.
func (f Folder) Obey(stop func()) error {
	if err := syscall.Mkfifo(f.Control(), 0600); err != nil {
		return fault.Wrap("failed", "making the control pipe", err, "")
	}
	// Opened for both directions it neither waits for a writer nor ends with one.
	pipe, err := os.OpenFile(f.Control(), os.O_RDWR, 0)
	if err != nil {
		return fault.Wrap("failed", "opening the control pipe", err, "")
	}
	if _, err := os.Lstat(f.stopMark()); err == nil {
		stop()
	}
	go func() {
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			if lines.Text() == "stop" {
				stop()
			}
		}
	}()
	return nil
}

// stopMark is there once somebody asked: a supervisor that has only just been started has no pipe yet.
func (f Folder) stopMark() string { return f.Control() + ".asked" }

// AskStop asks the supervisor to end, also one that does not listen yet. Where there is none, there is
// nothing to stop.
func (f Folder) AskStop() error {
	if mark, err := os.OpenFile(f.stopMark(), os.O_WRONLY|os.O_CREATE, 0600); err == nil {
		mark.Close()
	}
	pipe, err := os.OpenFile(f.Control(), os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	defer pipe.Close()
	if _, err := pipe.WriteString("stop\n"); err != nil {
		return fault.Wrap("failed", "asking the supervisor to stop", err, "")
	}
	return nil
}
