package kernellog

import (
	"bytes"
	"strings"
	"testing"
)

func TestOnlyTheKernelsOOMReportsAreKept(t *testing.T) {
	var out bytes.Buffer
	l := &Log{out: &out}
	for _, record := range []string{
		"6,1,1000000,-;usb 1-1: new device\n",
		"4,2,12345678,-;gcexp invoked oom-killer: gfp_mask=0xcc0\n",
		"4,3,12345679,-;CPU: 1 PID: 7\n SUBSYSTEM=x\n",
		"6,4,12345680,-;oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/gclab-r/trial-1\n",
		"3,5,12345681,-;Memory cgroup out of memory: Killed process 7 (gcexp)\n",
		"6,6,12345682,-;oom_reaper: reaped process 7 (gcexp)\n",
		"6,7,12345683,-;eth0: link up\n",
		"12,8,12345684,-;a user's line: invoked oom-killer\n",
		"nonsense",
	} {
		l.take([]byte(record))
	}
	got := out.String()
	if strings.Count(got, "\n") != 5 || !strings.HasPrefix(got, "[12.345678] gcexp invoked") || strings.Contains(got, "usb") || strings.Contains(got, "eth0") || strings.Contains(got, "user's") || strings.Contains(got, "SUBSYSTEM") {
		t.Fatal(got)
	}
}

func TestTheZeroLogCollectsNothing(t *testing.T) {
	l := &Log{}
	l.Collect()
	l.Close()
}
