package interactive

import (
	"bytes"
	"encoding/json"
	"io/ioutil"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"gclab/gcexp/internal/httpd"
)

type silent struct{}

func (silent) BeginRequest(string, int64, string)        {}
func (silent) Request(string, int64, string, int, int64) {}

const limit = 1 << 20

// serving answers over a real connection; it is ended with the test.
func serving(t *testing.T, usage func() (int64, bool)) (base string, ended chan error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	routes := NewRoutes(limit, usage, func(int64) error { return nil }, silent{})
	ended = make(chan error, 1)
	go func() { ended <- httpd.Serve(listener, routes.Answer, routes.Quit()) }()
	t.Cleanup(func() { listener.Close() })
	return "http://" + listener.Addr().String(), ended
}

func unknown() (int64, bool) { return 0, false }

func ask(t *testing.T, method, url, accept string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", accept)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := ioutil.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func TestRoutesAnswerTextOrJSON(t *testing.T) {
	base, _ := serving(t, unknown)
	for _, route := range []string{"/add?bytes=1000", "/rel?bytes=500", "/gc", "/stats", "/reset"} {
		response, body := ask(t, "GET", base+route, "*/*")
		if response.StatusCode != 200 || !strings.Contains(body, "memstats:\n\tallocated: ") || response.Header.Get("Keep-Alive") != "timeout=60" {
			t.Errorf("%s: %d %q", route, response.StatusCode, body)
		}
		response, body = ask(t, "POST", base+route, "text/html;q=0.1, application/json")
		var got map[string]interface{}
		if err := json.Unmarshal([]byte(body), &got); err != nil || got["heap"] == nil || got["memstats"] == nil || response.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %v %q", route, err, body)
		}
	}
}

func TestBadBytesAreRefusedAndNamed(t *testing.T) {
	base, _ := serving(t, unknown)
	for _, query := range []string{"", "?bytes=", "?bytes=-1", "?bytes=x", "?bytes=1e3", "?bytes=+1", "?bytes=1&bytes=2", "?bytes=1048577", "?bytes=9223372036854775807",
		"?bytes=99999999999999999999999999", "?bytes=1%00", "?bytes=%zz", "?other=1", "?bytes=0x10", "?bytes=1%20"} {
		for _, route := range []string{"/add", "/rel"} {
			if response, body := ask(t, "GET", base+route+query, ""); response.StatusCode != 400 || !strings.Contains(body, "'bytes'") {
				t.Errorf("%s%s: %d %q", route, query, response.StatusCode, body)
			}
		}
	}
	if response, body := ask(t, "GET", base+"/add?bytes=x", "application/json"); !strings.Contains(body, `"error"`) || response.Header.Get("Content-Type") != "application/json" {
		t.Error(body)
	}
}

func TestOtherMethodsAndPaths(t *testing.T) {
	base, _ := serving(t, unknown)
	for _, c := range []struct {
		method, path string
		status       int
		allow        string
	}{{"GET", "/", 404, ""}, {"GET", "/add/", 404, ""}, {"DELETE", "/gc", 405, "GET, POST"}, {"HEAD", "/stats", 405, "GET, POST"}, {"GET", "/quit", 405, "POST"}} {
		response, _ := ask(t, c.method, base+c.path, "")
		if response.StatusCode != c.status || response.Header.Get("Allow") != c.allow {
			t.Errorf("%s %s: %d %q", c.method, c.path, response.StatusCode, response.Header.Get("Allow"))
		}
	}
}

func TestQuitEndsTheServerAfterAnswering(t *testing.T) {
	base, ended := serving(t, unknown)
	idle, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	if response, body := ask(t, "POST", base+"/quit", ""); response.StatusCode != 200 || body != "ending\n" {
		t.Fatal(response.StatusCode, body)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the server goes on")
	}
}

func TestConcurrentRequestsLoseNothing(t *testing.T) {
	base, _ := serving(t, unknown)
	var all sync.WaitGroup
	for i := 0; i < 8; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for j := 0; j < 20; j++ {
				for _, route := range []string{"/add?bytes=300", "/rel?bytes=100", "/stats", "/gc"} {
					if response, err := http.Post(base+route, "", bytes.NewReader(nil)); err != nil || response.StatusCode != 200 {
						t.Error(route, err)
					} else {
						response.Body.Close()
					}
				}
			}
		}()
	}
	all.Wait()
	_, body := ask(t, "GET", base+"/stats", "application/json")
	var got struct{ RetainedBytes int64 }
	if err := json.Unmarshal([]byte(body), &got); err != nil || got.RetainedBytes != 8*20*200 {
		t.Fatal(err, body)
	}
}

func TestAddRefusesObjectsThatCannotBe(t *testing.T) {
	base, _ := serving(t, unknown)
	for query, want := range map[string]int{
		"bytes=1000&each=64": 200, "bytes=1000&each=0": 400, "bytes=1000&each=-1": 400, "bytes=1000&each=1001": 400,
		"bytes=1000&each=x": 400, "bytes=1000&each=1&each=2": 400,
	} {
		response, err := http.Get(base + "/add?" + query)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: status %d, want %d", query, response.StatusCode, want)
		}
	}
}
