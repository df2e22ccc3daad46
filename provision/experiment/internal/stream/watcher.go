package stream

import (
	"os"
	"syscall"
)

// watch tells, with at most one message waiting, that something in a folder changed. Where the kernel
// cannot tell, the channel stays silent and the follower looks once a second.
func watch(dir string) (changed <-chan struct{}, stop func()) {
	tell := make(chan struct{}, 1)
	fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC | syscall.IN_NONBLOCK)
	if err != nil {
		return tell, func() {}
	}
	if _, err := syscall.InotifyAddWatch(fd, dir, syscall.IN_MODIFY|syscall.IN_CREATE); err != nil {
		syscall.Close(fd)
		return tell, func() {}
	}
	events := os.NewFile(uintptr(fd), "inotify")
	go func() {
		for buffer := make([]byte, 4096); ; {
			if _, err := events.Read(buffer); err != nil {
				return
			}
			select {
			case tell <- struct{}{}:
			default:
			}
		}
	}()
	return tell, func() { events.Close() }
}
