package stream

import (
	"bytes"
	"io"
	"os"
)

const keepLast = 64 << 10

// lastLine is the last line of a file that ends in a newline; nothing if it does not.
func lastLine(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	from := info.Size() - keepLast
	if from < 0 {
		from = 0
	}
	text := make([]byte, info.Size()-from)
	if n, err := file.ReadAt(text, from); err != nil && err != io.EOF {
		return nil, err
	} else if text = text[:n]; n == 0 || text[n-1] != '\n' {
		return nil, io.ErrUnexpectedEOF
	}
	text = text[:len(text)-1]
	return text[bytes.LastIndexByte(text, '\n')+1:], nil
}
