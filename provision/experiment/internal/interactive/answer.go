package interactive

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"

	"gclab/gcexp/internal/heap"
	"gclab/gcexp/internal/httpd"
)

// answer is what a route has to say: named numbers, then the state of the heap.
type answer struct {
	// lines are the text form, before the memory statistics.
	lines []string
	// fields are the JSON form; heap and memstats are added.
	fields map[string]interface{}
	// failed is why it could not be done.
	failed error
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

// response is the answer in the form that was asked for.
func (a answer) response(r httpd.Request) httpd.Response {
	if a.failed != nil {
		return refusal(r, 500, a.failed.Error())
	}
	if wantsJSON(r) {
		return a.json()
	}
	var body bytes.Buffer
	for _, line := range a.lines {
		fmt.Fprintln(&body, line)
	}
	if !a.bare {
		if len(a.lines) > 0 {
			fmt.Fprintln(&body)
		}
		m, _ := readMemstats()
		fmt.Fprint(&body, m.text())
	}
	return httpd.Response{Status: 200, Type: httpd.Text, Body: body.Bytes()}
}

func (a answer) json() httpd.Response {
	body := map[string]interface{}{}
	for key, value := range a.fields {
		body[key] = value
	}
	if !a.bare {
		body["memstats"], body["heap"] = readMemstats()
	}
	return jsonResponse(200, body)
}

func jsonResponse(status int, body interface{}) httpd.Response {
	text, _ := json.Marshal(body)
	return httpd.Response{Status: status, Type: "application/json", Body: append(text, '\n')}
}

func wantsJSON(r httpd.Request) bool {
	for _, kind := range strings.Split(r.Header("Accept"), ",") {
		if strings.EqualFold(strings.TrimSpace(strings.SplitN(kind, ";", 2)[0]), "application/json") {
			return true
		}
	}
	return false
}

// refusal answers an error in the form that was asked for.
func refusal(r httpd.Request, status int, message string) httpd.Response {
	if wantsJSON(r) {
		return jsonResponse(status, map[string]interface{}{"error": map[string]interface{}{"status": status, "message": message}})
	}
	return httpd.Response{Status: status, Type: httpd.Text, Body: []byte(message + "\n")}
}
