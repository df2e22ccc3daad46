package main

import (
	"bufio"

	"gclab/gcexp/internal/runfolder"
	"gclab/gcexp/internal/stream"
)

// orders is what the follower's reader says on its input.
type orders struct {
	// clean is closed at the line `clean`: the reader has everything, on its disk.
	clean chan struct{}
	// quit is closed at the end of the input: nobody reads any more.
	quit chan struct{}
}

// obey listens to the follower's reader; the line `stop` ends the run.
func obey(input *bufio.Reader, folder runfolder.Folder) orders {
	said := orders{clean: make(chan struct{}), quit: make(chan struct{})}
	go func() {
		defer close(said.quit)
		isTold := false
		for {
			line, err := input.ReadString('\n')
			switch {
			case line == "stop\n":
				_ = folder.AskStop()
			case line == "clean\n" && !isTold:
				isTold = true
				close(said.clean)
			}
			if err != nil {
				return
			}
		}
	}()
	return said
}

// followToEnd follows a run, and where it removes it too, does so only when the reader says that it has everything.
func followToEnd(frames *stream.Frames, folder runfolder.Folder, from stream.Offsets, said orders, removes bool) error {
	if err := stream.Follow(frames, folder, from, said.quit); err != nil || !removes {
		return err
	}
	select {
	case <-said.clean:
	case <-said.quit:
	}
	select {
	case <-said.clean:
		return remove(folder)
	default:
		return nil
	}
}
