package supervise

import (
	"errors"
	"os"
	"runtime"
	"syscall"
)

// onOwnThread runs f on a thread that is not the process's first and that nothing else runs on, and
// waits. Children die with the thread that started them, so it has to live as long as they may, and
// moving the first thread to another group would move the supervisor's memory with it.
func onOwnThread(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if syscall.Gettid() == os.Getpid() {
			// Held here, the first thread cannot be the next goroutine's.
			onOwnThread(f)
			runtime.UnlockOSThread()
			return
		}
		defer runtime.UnlockOSThread()
		f()
	}()
	<-done
}

func is(err error, errno syscall.Errno) bool { return errors.Is(err, errno) }
