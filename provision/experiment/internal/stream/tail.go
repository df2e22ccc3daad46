package stream

import (
	"io"
	"os"
)

// tail sends what a file has beyond an offset.
type tail struct {
	kind   string
	path   string
	offset int64
}

const maxFrame = 64 << 10

// pump sends everything there is and says whether that was anything. A file that is not there yet is
// an empty one.
func (t *tail) pump(frames *Frames) (sent bool, err error) {
	file, err := os.Open(t.path)
	if os.IsNotExist(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close()
	chunk := make([]byte, maxFrame)
	for {
		n, err := file.ReadAt(chunk, t.offset)
		if n > 0 {
			if err := frames.send(t.kind, t.offset, chunk[:n]); err != nil {
				return sent, err
			}
			sent = true
			t.offset += int64(n)
		}
		if err == io.EOF || n == 0 {
			return sent, nil
		}
		if err != nil {
			return sent, err
		}
	}
}
