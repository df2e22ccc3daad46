package supervise

import (
	"bytes"
	"os"
	"syscall"
)

// pipe is the supervisor's end of what a process writes. It never waits: it is looked at now and
// then, since a supervisor that wakes for every line takes the processor from the collector under test.
type pipe struct {
	fd      int
	pending []byte
	chunk   []byte
	ended   bool
}

// maxPending bounds a line that never ends; what is longer is handed on in pieces.
const maxPending = 64 << 10

// newPipe makes a pipe and gives the process's end as a file.
func newPipe() (*pipe, *os.File, error) {
	var ends [2]int
	if err := syscall.Pipe2(ends[:], syscall.O_CLOEXEC); err != nil {
		return nil, nil, err
	}
	if err := syscall.SetNonblock(ends[0], true); err != nil {
		syscall.Close(ends[0])
		syscall.Close(ends[1])
		return nil, nil, err
	}
	return &pipe{fd: ends[0], chunk: make([]byte, 16<<10)}, os.NewFile(uintptr(ends[1]), "pipe"), nil
}

// drain hands over the whole lines that are there, without their newlines.
func (p *pipe) drain(line func([]byte)) {
	for !p.ended {
		n, err := syscall.Read(p.fd, p.chunk)
		if err == syscall.EINTR {
			continue
		}
		if err == syscall.EAGAIN {
			return
		}
		if err != nil || n <= 0 {
			p.ended = true
			return
		}
		p.pending = append(p.pending, p.chunk[:n]...)
		p.split(line)
	}
}

func (p *pipe) split(line func([]byte)) {
	rest := p.pending
	for {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			break
		}
		line(rest[:end])
		rest = rest[end+1:]
	}
	if len(rest) > maxPending {
		line(rest)
		rest = nil
	}
	p.pending = append(p.pending[:0], rest...)
}

// last hands over what came after the last newline, once nothing more will come.
func (p *pipe) last(line func([]byte)) {
	p.drain(line)
	if len(p.pending) > 0 {
		line(p.pending)
		p.pending = nil
	}
}

func (p *pipe) close() {
	if p != nil {
		syscall.Close(p.fd)
	}
}
