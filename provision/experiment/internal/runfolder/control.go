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
	go func() {
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			if lines.Text() == "stop" {
				stop()
			}
		}
	}()
	return nil
}

// AskStop asks the supervisor to end. Where none listens there is nothing to stop.
func (f Folder) AskStop() error {
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
