// Package httpd is as much of an HTTP/1.1 server as the interactive mode needs. The standard one would
// do, but linking it puts 0.3 MiB into every trial's process, a tenth of what the default limit leaves
// beside the first allocation: on some hosts the process then dies before the experiment begins.
package httpd

import (
	"bufio"
	"net"
	"sync"
	"time"
)

// Bounds of what a client may ask of the server.
const (
	// KeepAlive is how long an idle connection stays open.
	KeepAlive  = 60 * time.Second
	readWithin = 10 * time.Second
	maxHead    = 16 << 10
	maxBody    = 1 << 20
	maxClients = 64
)

// Handler answers one request. It may be called from many goroutines at once.
type Handler func(Request) Response

// Serve answers until quit is closed; answers under way are then finished, for two seconds at most.
func Serve(listener net.Listener, handle Handler, quit <-chan struct{}) error {
	s := &server{handle: handle, quit: quit, clients: map[net.Conn]bool{}, places: make(chan struct{}, maxClients)}
	go func() {
		<-quit
		listener.Close()
	}()
	for {
		s.places <- struct{}{}
		client, err := listener.Accept()
		if err == nil {
			s.busy.Add(1)
			go s.serve(client)
			continue
		}
		select {
		case <-quit:
			s.finish(2 * time.Second)
			return nil
		default:
		}
		if temporary, ok := err.(net.Error); !ok || !temporary.Temporary() {
			return err
		}
		<-s.places
		time.Sleep(10 * time.Millisecond)
	}
}

type server struct {
	handle  Handler
	quit    <-chan struct{}
	places  chan struct{}
	busy    sync.WaitGroup
	mutex   sync.Mutex
	clients map[net.Conn]bool
}

// serve answers the requests of one connection, one after another.
func (s *server) serve(client net.Conn) {
	defer func() {
		s.forget(client)
		client.Close()
		<-s.places
		s.busy.Done()
	}()
	reader := bufio.NewReaderSize(client, 4096)
	for {
		s.idle(client, true)
		_ = client.SetReadDeadline(time.Now().Add(KeepAlive))
		if _, err := reader.Peek(1); err != nil {
			return
		}
		s.idle(client, false)
		_ = client.SetReadDeadline(time.Now().Add(readWithin))
		request, refused := read(reader, client)
		response := refused
		if response == nil {
			response = s.answer(request)
		}
		response.last = response.last || refused != nil || !request.keepAlive || s.quitting()
		_ = client.SetWriteDeadline(time.Now().Add(readWithin))
		if _, err := client.Write(response.bytes(request.Method == "HEAD")); err != nil || response.last {
			return
		}
	}
}

func (s *server) answer(request Request) *Response {
	response := s.handle(request)
	return &response
}

func (s *server) quitting() bool {
	select {
	case <-s.quit:
		return true
	default:
		return false
	}
}

func (s *server) idle(client net.Conn, is bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.clients[client] = is
}

func (s *server) forget(client net.Conn) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.clients, client)
}

// finish closes idle connections and waits for the others.
func (s *server) finish(within time.Duration) {
	s.mutex.Lock()
	for client, idle := range s.clients {
		if idle {
			client.Close()
		}
	}
	s.mutex.Unlock()
	done := make(chan struct{})
	go func() {
		s.busy.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(within):
	}
}
