package supervise

import (
	"os"

	"gclab/gcexp/internal/cgroup"
)

// process is a trial's process and the ends of the pipes it writes to.
type process struct {
	*os.Process
	entry                  string
	report, stdout, stderr *pipe
	usage                  *os.File
}

// spawn starts the process in the group with its pipes.
func spawn(b command, group cgroup.Group, listener *os.File) (*process, error) {
	p := &process{}
	nothing, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	theirs := []*os.File{nothing}
	defer func() { closeAll(theirs) }()
	for _, ours := range []**pipe{&p.stdout, &p.stderr, &p.report} {
		end, file, err := newPipe()
		if err != nil {
			p.close()
			return nil, err
		}
		*ours, theirs = end, append(theirs, file)
	}
	if p.usage, err = os.Open(group.UsageFile()); err == nil {
		b.files = append(append([]*os.File{}, theirs...), p.usage)
		if listener != nil {
			b.files = append(b.files, listener)
		}
		p.Process, p.entry, err = b.launch(group)
	}
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *process) close() {
	for _, end := range []*pipe{p.stdout, p.stderr, p.report} {
		end.close()
	}
	closeAll([]*os.File{p.usage})
}

func closeAll(files []*os.File) {
	for _, file := range files {
		if file != nil {
			file.Close()
		}
	}
}
