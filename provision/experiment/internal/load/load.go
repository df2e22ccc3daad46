// Package load tells how busy the guest was while something ran: outcomes of a race hang on it.
package load

import (
	"bytes"
	"io/ioutil"
	"path/filepath"
	"strconv"
	"strings"

	"gclab/gcexp/internal/mono"
)

// Load is the difference of two readings, as docs/wire.md has it; null is what the kernel does not tell.
type Load struct {
	WallUs int64  `json:"wallUs"`
	CPUs   *int64 `json:"cpus"`
	// The CPU times are of all CPUs together.
	CPUBusyUs  *int64 `json:"cpuBusyUs"`
	CPUStealUs *int64 `json:"cpuStealUs"`
	// ProcessCPUUs is what the process itself took.
	ProcessCPUUs *int64    `json:"processCpuUs"`
	Stalled      *Stalled  `json:"stalled"`
	Runnable     *Runnable `json:"runnable"`
	LoadAverage  *float64  `json:"loadAverage"`
}

// Stalled is how long something or everything had to wait for a resource.
type Stalled struct {
	CPU    *Stall `json:"cpu"`
	Memory *Stall `json:"memory"`
	IO     *Stall `json:"io"`
}

// Stall is of one resource.
type Stall struct {
	SomeUs *int64 `json:"someUs"`
	FullUs *int64 `json:"fullUs"`
}

// Reading is what the kernel has counted so far.
type Reading struct {
	at               int64
	cpus             *int64
	busyUs, stealUs  *int64
	cpu, memory, io  *Stall
	hasPressureFiles bool
}

// Proc is where the kernel's files are.
type Proc string

// Read reads the counters.
func (p Proc) Read() Reading {
	r := Reading{at: mono.Now()}
	r.cpus, r.busyUs, r.stealUs = cpuTimes(p.file("stat"))
	r.cpu, r.memory, r.io = stall(p.file("pressure/cpu")), stall(p.file("pressure/memory")), stall(p.file("pressure/io"))
	r.hasPressureFiles = r.cpu != nil || r.memory != nil || r.io != nil
	return r
}

// Since is the load between an earlier reading and this one.
func (r Reading) Since(before Reading) Load {
	l := Load{
		WallUs: (r.at - before.at) / 1000, CPUs: r.cpus,
		CPUBusyUs: risen(before.busyUs, r.busyUs), CPUStealUs: risen(before.stealUs, r.stealUs),
	}
	if r.hasPressureFiles {
		l.Stalled = &Stalled{CPU: r.cpu.since(before.cpu), Memory: r.memory.since(before.memory), IO: r.io.since(before.io)}
	}
	return l
}

func (s *Stall) since(before *Stall) *Stall {
	if s == nil || before == nil {
		return nil
	}
	return &Stall{SomeUs: risen(before.SomeUs, s.SomeUs), FullUs: risen(before.FullUs, s.FullUs)}
}

// risen is nil as well for a counter that went down: steal times of a VM that was moved do.
func risen(before, after *int64) *int64 {
	if before == nil || after == nil || *after < *before {
		return nil
	}
	difference := *after - *before
	return &difference
}

func (p Proc) file(name string) string {
	text, err := ioutil.ReadFile(filepath.Join(string(p), name))
	if err != nil {
		return ""
	}
	return string(text)
}

// tickUs is the unit of /proc/stat: USER_HZ is 100 on every Linux that Go knows.
const tickUs = 10000

// cpuTimes reads /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal, and two that are counted in user and nice.
func cpuTimes(text string) (cpus, busyUs, stealUs *int64) {
	var count int64
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "cpu") {
			break
		}
		fields := strings.Fields(line)
		if fields[0] != "cpu" {
			count++
			continue
		}
		var ticks [8]int64
		for i := range ticks {
			if i+1 < len(fields) {
				ticks[i], _ = strconv.ParseInt(fields[i+1], 10, 64)
			}
		}
		busy, steal := (ticks[0]+ticks[1]+ticks[2]+ticks[5]+ticks[6])*tickUs, ticks[7]*tickUs
		busyUs = &busy
		if len(fields) > 8 {
			stealUs = &steal
		}
	}
	if count > 0 {
		cpus = &count
	}
	return cpus, busyUs, stealUs
}

// stall reads "some avg10=0.00 avg60=0.00 avg300=0.00 total=12345" and the same of "full".
func stall(text string) *Stall {
	var s Stall
	for _, line := range strings.Split(text, "\n") {
		fields := strings.Fields(line)
		if len(fields) < 2 || !strings.HasPrefix(fields[len(fields)-1], "total=") {
			continue
		}
		total, err := strconv.ParseInt(strings.TrimPrefix(fields[len(fields)-1], "total="), 10, 64)
		if err != nil {
			continue
		}
		switch fields[0] {
		case "some":
			s.SomeUs = &total
		case "full":
			s.FullUs = &total
		}
	}
	if s.SomeUs == nil && s.FullUs == nil {
		return nil
	}
	return &s
}

// Runnable is how many threads ran or could have run, less the one that counted them.
type Runnable struct {
	Mean    float64 `json:"mean"`
	Max     int64   `json:"max"`
	Samples int64   `json:"samples"`
}

// Queue samples the run queue. The zero value has no samples; one goroutine at a time.
type Queue struct {
	sum, max, samples int64
	average           *float64
}

// Sample looks at the run queue now.
func (q *Queue) Sample(p Proc) {
	runnable, average, ok := parseLoadAverage([]byte(p.file("loadavg")))
	if !ok {
		return
	}
	q.samples++
	q.sum += runnable
	q.average = &average
	if runnable > q.max {
		q.max = runnable
	}
}

// Runnable is what was seen; nil where nothing was.
func (q *Queue) Runnable() *Runnable {
	if q.samples == 0 {
		return nil
	}
	return &Runnable{Mean: float64(q.sum*100/q.samples) / 100, Max: q.max, Samples: q.samples}
}

// Average is the load average of the last minute, as of the last sample.
func (q *Queue) Average() *float64 { return q.average }

// parseLoadAverage reads "0.52 0.58 0.59 3/602 12345".
func parseLoadAverage(text []byte) (runnable int64, average float64, ok bool) {
	fields := bytes.Fields(text)
	if len(fields) < 4 {
		return 0, 0, false
	}
	average, badAverage := strconv.ParseFloat(string(fields[0]), 64)
	slash := bytes.IndexByte(fields[3], '/')
	if slash < 0 || badAverage != nil {
		return 0, 0, false
	}
	runnable, err := strconv.ParseInt(string(fields[3][:slash]), 10, 64)
	if runnable > 0 {
		runnable--
	}
	return runnable, average, err == nil && runnable >= 0 && average >= 0
}
