package interactive

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strings"

	"gclab/gcexp/internal/heap"
)

// answer is what a route has to say: named numbers, then the state of the heap.
type answer struct {
	// lines are the text form, before the memory statistics.
	lines []string
	// fields are the JSON form; heap and memstats are added.
	fields map[string]interface{}
	// bare leaves the memory statistics out.
	bare bool
}

// memstats are the figures of the text form, under the names of the text form.
type memstats struct {
	Allocated     uint64 `json:"allocated"`
	MallocObjects uint64 `json:"mallocObjects"`
	FreedObjects  uint64 `json:"freedObjects"`
	HeapAlloc     uint64 `json:"heapAlloc"`
	HeapIdle      uint64 `json:"heapIdle"`
	HeapObjects   uint64 `json:"heapObjects"`
	HeapInUse     uint64 `json:"heapInUse"`
	HeapReleased  uint64 `json:"heapReleased"`
	LastGC        uint64 `json:"lastGC"`
	NextGC        uint64 `json:"nextGC"`
	NumGC         uint32 `json:"numGC"`
}

func readMemstats() (memstats, heap.Stats) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return memstats{m.Alloc, m.Mallocs, m.Frees, m.HeapAlloc, m.HeapIdle, m.HeapObjects, m.HeapInuse, m.HeapReleased, m.LastGC, m.NextGC, m.NumGC},
		heap.Stats{AllocBytes: m.HeapAlloc, IdleBytes: m.HeapIdle, InUseBytes: m.HeapInuse, ReleasedBytes: m.HeapReleased, SysBytes: m.Sys, NextGCBytes: m.NextGC, NumGC: uint64(m.NumGC)}
}

func (m memstats) text() string {
	return fmt.Sprintf("memstats:\n\tallocated: %d\n\tmalloc objects: %d\n\tfreed objects: %d\n\theap alloc: %d\n\theap idle: %d\n\theap objects: %d\n\theap in-use: %d\n\theap released: %d\n\tlast gc: %d\n\tnext gc: %d\n\tnum gc: %d\n",
		m.Allocated, m.MallocObjects, m.FreedObjects, m.HeapAlloc, m.HeapIdle, m.HeapObjects, m.HeapInUse, m.HeapReleased, m.LastGC, m.NextGC, m.NumGC)
}

func (a answer) send(w http.ResponseWriter, r *http.Request) {
	if wantsJSON(r) {
		a.sendJSON(w)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	for _, line := range a.lines {
		fmt.Fprintln(w, line)
	}
	if a.bare {
		return
	}
	if len(a.lines) > 0 {
		fmt.Fprintln(w)
	}
	m, _ := readMemstats()
	fmt.Fprint(w, m.text())
}

func (a answer) sendJSON(w http.ResponseWriter) {
	body := map[string]interface{}{}
	for key, value := range a.fields {
		body[key] = value
	}
	if !a.bare {
		body["memstats"], body["heap"] = readMemstats()
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

func wantsJSON(r *http.Request) bool {
	for _, accept := range r.Header["Accept"] {
		for _, kind := range strings.Split(accept, ",") {
			if strings.EqualFold(strings.TrimSpace(strings.SplitN(kind, ";", 2)[0]), "application/json") {
				return true
			}
		}
	}
	return false
}

// refuse answers an error in the form that was asked for.
func refuse(w http.ResponseWriter, r *http.Request, status int, message string) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if wantsJSON(r) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]interface{}{"error": map[string]interface{}{"status": status, "message": message}})
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintln(w, message)
}
