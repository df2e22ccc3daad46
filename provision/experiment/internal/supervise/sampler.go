package supervise

import (
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"gclab/gcexp/internal/journal"
	"gclab/gcexp/internal/mono"
)

// Sampling is what the sampling of a run cost.
type Sampling struct {
	CPU, Wall       time.Duration
	Samples, Missed int64
	// Highest is the highest usage that was seen.
	Highest int64
}

// sampler reads a cgroup's usage at a fixed rate into the journal.
type sampler struct {
	fd      int
	period  int64
	trial   int
	journal *journal.Journal
	// fail ends the run: what is not written down proves nothing.
	fail    func(error)
	flushed int64
	at      []int64
	usage   []int64
	halted  int32
	halt    chan struct{}
	done    sync.WaitGroup
	cost    Sampling
}

// batch is how many samples make a line; at 1 kHz about four lines a second.
const batch = 256

// flushEvery bounds how old a sample in the journal's last line may be, for those who watch.
const flushEvery = 250 * time.Millisecond

// startSampler starts sampling the open usage file. A rate of 0 samples nothing.
func startSampler(usage *os.File, hz, trial int, j *journal.Journal, fail func(error)) *sampler {
	s := &sampler{fd: int(usage.Fd()), trial: trial, journal: j, fail: fail, halt: make(chan struct{})}
	if hz == 0 {
		return s
	}
	s.period = int64(time.Second) / int64(hz)
	s.at, s.usage = make([]int64, 0, batch), make([]int64, 0, batch)
	s.done.Add(1)
	go s.run()
	return s
}

// stop ends the sampling, writes what is left and says what it cost.
func (s *sampler) stop() Sampling {
	atomic.StoreInt32(&s.halted, 1)
	close(s.halt)
	s.done.Wait()
	return s.cost
}

func (s *sampler) run() {
	defer s.done.Done()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cpu, started := threadCPU(), mono.Now()
	wait := s.nap
	if s.period > int64(10*time.Millisecond) {
		wait = s.doze
	}
	for next := started; atomic.LoadInt32(&s.halted) == 0; {
		s.sample()
		if next += s.period; next < mono.Now() {
			late := (mono.Now() - next) / s.period
			s.cost.Missed += late
			next += late * s.period
		}
		wait(next)
	}
	s.flush()
	s.cost.CPU, s.cost.Wall = threadCPU()-cpu, time.Duration(mono.Now()-started)
}

func (s *sampler) sample() {
	var text [24]byte
	now := mono.Now()
	n, _, errno := syscall.RawSyscall6(syscall.SYS_PREAD64, uintptr(s.fd), uintptr(unsafe.Pointer(&text)), uintptr(len(text)), 0, 0, 0)
	if errno != 0 {
		return
	}
	bytes := int64(0)
	for _, digit := range text[:n] {
		if digit < '0' || digit > '9' {
			break
		}
		bytes = bytes*10 + int64(digit-'0')
	}
	s.at, s.usage = append(s.at, s.journal.At(now)), append(s.usage, bytes)
	s.cost.Samples++
	if bytes > s.cost.Highest {
		s.cost.Highest = bytes
	}
	if len(s.at) == batch || now-s.flushed > int64(flushEvery) {
		s.flush()
		s.flushed = now
	}
}

func (s *sampler) flush() {
	if err := s.journal.WriteSamples(s.trial, s.at, s.usage); err != nil {
		s.fail(err)
	}
	s.at, s.usage = s.at[:0], s.usage[:0]
}

const timerAbsolute = 1

// nap sleeps in the kernel until a moment of the monotonic clock. It keeps the scheduler out of it:
// handing the processor over and back a thousand times a second costs more than all the rest.
func (s *sampler) nap(until int64) {
	ts := syscall.NsecToTimespec(until)
	syscall.RawSyscall6(syscall.SYS_CLOCK_NANOSLEEP, 1, timerAbsolute, uintptr(unsafe.Pointer(&ts)), 0, 0, 0)
}

// doze is for slow rates, where the end must not wait for the next sample.
func (s *sampler) doze(until int64) {
	timer := time.NewTimer(time.Duration(until - mono.Now()))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.halt:
	}
}

func threadCPU() time.Duration {
	const rusageThread = 1
	var usage syscall.Rusage
	_ = syscall.Getrusage(rusageThread, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
