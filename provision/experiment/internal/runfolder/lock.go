package runfolder

import (
	"os"
	"syscall"

	"gclab/gcexp/internal/fault"
)

// TakeLock takes the lock that proves the supervisor's life. It belongs to the open file, so a process
// that inherits the descriptor has it, and the kernel drops it with the last one.
func (f Folder) TakeLock() (*os.File, error) {
	file, err := os.OpenFile(f.Lock(), os.O_RDWR|os.O_CREATE, 0600)
	if err != nil {
		return nil, fault.Wrap("failed", "opening the run's lock", err, "")
	}
	if err := flock(file, syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		return nil, fault.New("run-exists", "the run's supervisor lives", "stop the run first")
	}
	return file, nil
}

// WaitGone waits until no supervisor holds the lock. A run that never had one has none.
func (f Folder) WaitGone() error {
	file, err := os.Open(f.Lock())
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	return flock(file, syscall.LOCK_SH)
}

// Lives tells whether a supervisor holds the lock.
func (f Folder) Lives() bool {
	file, err := os.Open(f.Lock())
	if err != nil {
		return false
	}
	defer file.Close()
	return flock(file, syscall.LOCK_SH|syscall.LOCK_NB) != nil
}

func flock(file *os.File, how int) error {
	for {
		err := syscall.Flock(int(file.Fd()), how)
		if err != syscall.EINTR {
			return err
		}
	}
}
