package httpd

import (
	"bufio"
	"fmt"
	"io"
	"io/ioutil"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func echo(r Request) Response {
	return Response{Status: 200, Type: Text, Body: []byte(r.Method + " " + r.Path + " " + r.RawQuery + " " + r.Header("X-Test"))}
}

func served(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	quit := make(chan struct{})
	done := make(chan error, 1)
	go func() { done <- Serve(listener, echo, quit) }()
	t.Cleanup(func() {
		close(quit)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// raw sends bytes as they are and gives what comes back until the server closes or says nothing more.
func raw(t *testing.T, address, text string) string {
	t.Helper()
	client, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := io.WriteString(client, text); err != nil {
		t.Fatal(err)
	}
	_ = client.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
	answer, _ := ioutil.ReadAll(client)
	return string(answer)
}

func TestRequestsOfManyShapes(t *testing.T) {
	address := served(t)
	for name, c := range map[string]struct {
		send string
		want []string
	}{
		"two on one connection":  {"GET /a?x=1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /b HTTP/1.1\r\nX-Test: t\r\nConnection: close\r\n\r\n", []string{"200 OK", "GET /a x=1", "POST /b  t", "Connection: close"}},
		"a body of known length": {"POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhelloGET /b HTTP/1.1\r\n\r\n", []string{"POST /a", "GET /b"}},
		"a chunked body":         {"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: v\r\n\r\nGET /b HTTP/1.1\r\n\r\n", []string{"POST /a", "GET /b"}},
		"expect":                 {"POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx", []string{"100 Continue", "POST /a"}},
		"bare newlines":          {"GET /a HTTP/1.1\nHost: h\n\n", []string{"GET /a"}},
		"absolute form":          {"GET http://h/a?q HTTP/1.1\r\n\r\n", []string{"GET /a q"}},
		"HTTP/1.0":               {"GET /a HTTP/1.0\r\n\r\n", []string{"GET /a", "Connection: close"}},
		"no request at all":      {"hello\r\n\r\n", []string{"400 Bad Request"}},
		"HTTP/2's preface":       {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", []string{"400 Bad Request"}},
		"a header without name":  {"GET /a HTTP/1.1\r\n: x\r\n\r\n", []string{"400"}},
		"a header without end":   {"GET /a HTTP/1.1\r\nX: " + strings.Repeat("x", 20000) + "\r\n\r\n", []string{"431"}},
		"too large a body":       {"POST /a HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", []string{"413"}},
		"no number of length":    {"POST /a HTTP/1.1\r\nContent-Length: -1\r\n\r\n", []string{"400"}},
		"length and chunks":      {"POST /a HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", []string{"400"}},
		"close among others":     {"GET /a HTTP/1.1\r\nConnection: keep-alive, close\r\n\r\n", []string{"GET /a", "Connection: close"}},
		"a space before a colon": {"POST /a HTTP/1.1\r\nContent-Length : 5\r\n\r\nhello", []string{"400"}},
		"a folded header":        {"GET /a HTTP/1.1\r\nX-Test: a\r\n b: c\r\n\r\n", []string{"400"}},
		"no version of HTTP":     {"GET /a HTTP/1.xyz\r\n\r\n", []string{"400"}},
		"an endless target":      {"GET /" + strings.Repeat("a", 1<<17) + " HTTP/1.1\r\n\r\n", []string{"414"}},
		"a broken chunk":         {"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", []string{"400"}},
	} {
		got := raw(t, address, c.send)
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q is not in %q", name, want, got)
			}
		}
	}
}

func TestAHeadHasNoBody(t *testing.T) {
	response, err := http.Head("http://" + served(t) + "/a")
	if err != nil || response.ContentLength != int64(len("HEAD /a  ")) {
		t.Fatal(response, err)
	}
}

func TestARefusedClientReadsWhyThoughItIsStillSending(t *testing.T) {
	address := served(t)
	client, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	fmt.Fprint(client, "POST /a HTTP/1.1\r\nContent-Length: 4194304\r\n\r\n")
	if _, err := client.Write(make([]byte, 4<<20)); err != nil {
		t.Fatal("sending the body:", err)
	}
	if line, err := bufio.NewReader(client).ReadString('\n'); err != nil || !strings.Contains(line, "413") {
		t.Fatal(line, err)
	}
}

func TestIdleClientsMakeRoomForOthers(t *testing.T) {
	address := served(t)
	for i := 0; i < 2*maxClients; i++ {
		client, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		fmt.Fprint(client, "GET /a HTTP/1.1\r\n\r\n")
		if line, err := bufio.NewReader(client).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
			t.Fatal(i, line, err)
		}
	}
}

// However many come at once, each is served, or told that it was not before anything was done.
func TestWhoFindsNoPlaceIsToldSo(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	begun, release, quit, ended := make(chan struct{}, 4*maxClients), make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- Serve(listener, func(Request) Response {
			begun <- struct{}{}
			<-release
			return Response{Status: 200, Type: Text}
		}, quit)
	}()
	answers := make(chan string, 4*maxClients)
	for i := 0; i < 3*maxClients; i++ {
		go func() {
			client, err := net.Dial("tcp", listener.Addr().String())
			if err != nil {
				answers <- err.Error()
				return
			}
			defer client.Close()
			fmt.Fprint(client, "GET /a HTTP/1.1\r\n\r\n")
			line, err := bufio.NewReader(client).ReadString('\n')
			answers <- fmt.Sprint(strings.TrimSpace(line), err)
		}()
	}
	for i := 0; i < 2*maxClients; i++ {
		if answer := <-answers; answer != "HTTP/1.1 503 Service Unavailable<nil>" {
			t.Fatal(answer)
		}
	}
	close(release)
	for i := 0; i < maxClients; i++ {
		if answer := <-answers; answer != "HTTP/1.1 200 OK<nil>" {
			t.Fatal(answer)
		}
	}
	if len(begun) != maxClients {
		t.Fatal(len(begun), "were begun")
	}
	close(quit)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}
