package cgroup

import (
	"io/ioutil"
	"os"
	"path/filepath"
	"testing"
)

// folder has the files of a cgroup, as a kernel shows them.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := ioutil.TempDir("", "gcexp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for name, text := range files {
		if err := ioutil.WriteFile(filepath.Join(dir, name), []byte(text), 0600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func value(n *int64) int64 {
	if n == nil {
		return -1
	}
	return *n
}

func TestCountersV2(t *testing.T) {
	c := countersV2(folder(t, map[string]string{
		"memory.current": "4096\n", "memory.peak": "33558528\n", "memory.events": "low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\noom_group_kill 0\n",
		"memory.events.local": "max 9\noom 2\noom_kill 1\n", "memory.stat": "anon 5\nfile 7\n", "memory.pressure": "some avg10=0.00\n",
	}))
	if value(c.UsageBytes) != 4096 || value(c.PeakBytes) != 33558528 || value(c.OOM) != 1 || value(c.OOMKill) != 1 || value(c.OOMLocal) != 2 || c.Failcnt != nil || c.Stat["file"] != 7 || c.Pressure == nil {
		t.Fatalf("%+v", c)
	}
}

func TestCountersAreNullWhereAnOldKernelHasNone(t *testing.T) {
	v2 := countersV2(folder(t, map[string]string{"memory.current": "1\n", "memory.events": "low 0\n"}))
	if v2.PeakBytes != nil || v2.OOMKill != nil || v2.OOMLocal != nil || v2.Pressure != nil {
		t.Errorf("v2: %+v", v2)
	}
	v1 := countersV1(folder(t, map[string]string{"memory.oom_control": "oom_kill_disable 0\nunder_oom 0\n", "memory.usage_in_bytes": "3\n"}))
	if v1.OOMKill != nil || v1.PeakBytes != nil || value(v1.UsageBytes) != 3 {
		t.Errorf("v1: %+v", v1)
	}
}

func TestALimitOfV1ThatIsNoneIsNull(t *testing.T) {
	dir := folder(t, map[string]string{"a": "9223372036854771712\n", "b": "4096\n", "c": "max\n"})
	if readLimit(dir, "a") != nil || value(readLimit(dir, "b")) != 4096 || readLimit(dir, "c") != nil || readLimit(dir, "absent") != nil {
		t.Fatal("wrong limits")
	}
}
