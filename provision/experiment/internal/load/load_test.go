package load

import (
	"encoding/json"
	"io/ioutil"
	"os"
	"path/filepath"
	"testing"
)

// proc has the files of a kernel.
func proc(t *testing.T, files map[string]string) Proc {
	t.Helper()
	dir, err := ioutil.TempDir("", "gcexp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0700); err != nil {
			t.Fatal(err)
		}
		if err := ioutil.WriteFile(path, []byte(text), 0600); err != nil {
			t.Fatal(err)
		}
	}
	return Proc(dir)
}

func asJSON(t *testing.T, value interface{}) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestALoadIsWhatTheCountersRoseBy(t *testing.T) {
	before := proc(t, map[string]string{
		"stat":            "cpu  100 10 50 9000 70 1 2 5 3 0\ncpu0 50 5 25 4500 35 0 1 2 1 0\ncpu1 50 5 25 4500 35 1 1 3 2 0\nintr 1 2\n",
		"pressure/cpu":    "some avg10=0.00 avg60=0.00 avg300=0.00 total=1000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
		"pressure/memory": "some avg10=1.00 avg60=0.00 avg300=0.00 total=500\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=400\n",
		"pressure/io":     "some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n",
	}).Read()
	after := proc(t, map[string]string{
		"stat":            "cpu  110 10 52 9001 90 1 3 8 3 0\ncpu0 0 0 0 0 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0 0 0\n",
		"pressure/cpu":    "some avg10=9.99 avg60=0.00 avg300=0.00 total=21000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
		"pressure/memory": "some avg10=1.00 avg60=0.00 avg300=0.00 total=501\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=399\n",
	}).Read()
	l := after.Since(before)
	l.WallUs = 0
	want := `{"wallUs":0,"cpus":2,"cpuBusyUs":130000,"cpuStealUs":30000,"processCpuUs":null,` +
		`"stalled":{"cpu":{"someUs":20000,"fullUs":0},"memory":{"someUs":1,"fullUs":null},"io":null},"runnable":null,"loadAverage":null}`
	if got := asJSON(t, l); got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
}

func TestAKernelThatTellsNothingGivesNulls(t *testing.T) {
	p := proc(t, map[string]string{"stat": "intr 0\n", "pressure/cpu": "", "loadavg": "nonsense\n"})
	l := p.Read().Since(p.Read())
	if l.CPUs != nil || l.CPUBusyUs != nil || l.CPUStealUs != nil || l.Stalled != nil {
		t.Fatal(asJSON(t, l))
	}
	var q Queue
	q.Sample(p)
	if q.Runnable() != nil || q.Average() != nil {
		t.Fatal(asJSON(t, q.Runnable()))
	}
}

func TestBefore2Dot6Dot11NothingWasStolen(t *testing.T) {
	p := proc(t, map[string]string{"stat": "cpu  1 2 3 4 5 6 7\ncpu0 1 2 3 4 5 6 7\n"})
	if l := p.Read().Since(p.Read()); l.CPUStealUs != nil || l.CPUBusyUs == nil || *l.CPUs != 1 {
		t.Fatal(asJSON(t, l))
	}
}

func TestTheRunQueueIsCountedWithoutWhoCounts(t *testing.T) {
	var q Queue
	for _, text := range []string{"0.10 0.20 0.30 1/100 7\n", "0.50 0.20 0.30 4/100 7\n", "0.70 0.20 0.30 3/100 7\n"} {
		q.Sample(proc(t, map[string]string{"loadavg": text}))
	}
	if got := asJSON(t, q.Runnable()); got != `{"mean":1.66,"max":3,"samples":3}` || *q.Average() != 0.7 {
		t.Fatal(got, *q.Average())
	}
}

func TestThisKernelTellsItsLoad(t *testing.T) {
	const real = Proc("/proc")
	before := real.Read()
	l := real.Read().Since(before)
	if l.CPUs == nil || *l.CPUs < 1 || l.CPUBusyUs == nil || l.WallUs < 0 {
		t.Fatal(asJSON(t, l))
	}
}
