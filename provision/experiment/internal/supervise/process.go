package supervise

import (
	"os"
	"sync"

	"gclab/gcexp/internal/cgroup"
)

// process is a trial's process and the ends of the pipes it writes to.
type process struct {
	*os.Process
	entry          string
	report         *os.File
	stdout, stderr *os.File
	usage          *os.File
	readers        sync.WaitGroup
}

// spawn starts the process in the group with its pipes.
func spawn(b birth, group cgroup.Group, listener *os.File) (*process, error) {
	p := &process{}
	nothing, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	theirs := []*os.File{nothing}
	for _, end := range []**os.File{&p.stdout, &p.stderr, &p.report} {
		reading, writing, err := os.Pipe()
		if err != nil {
			closeAll(append(theirs, p.stdout, p.stderr, p.report))
			return nil, err
		}
		*end, theirs = reading, append(theirs, writing)
	}
	if p.usage, err = os.Open(group.UsageFile()); err == nil {
		b.files = append(append([]*os.File{}, theirs...), p.usage, listener)
		if listener == nil {
			b.files = b.files[:5]
		}
		p.Process, p.entry, err = b.launch(group)
	}
	closeAll(theirs)
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *process) close() { closeAll([]*os.File{p.stdout, p.stderr, p.report, p.usage}) }

func closeAll(files []*os.File) {
	for _, file := range files {
		if file != nil {
			file.Close()
		}
	}
}
