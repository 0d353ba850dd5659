// A client or a backend on Go's crypto/tls: peer [--server] --bytes N … like interop_peer. Upgrades, then sends and
// receives as much as it is told to, and says what it was in a line of JSON.
package main

import (
	"bufio"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"hash"
	"io"
	"log"
	"math/rand"
	"net/http"
	"os"
)

const blockSize = 1048573

var (
	server = flag.Bool("server", false, "accept one connection")
	port   = flag.String("port", "", "of 127.0.0.1, to connect to")
	cert   = flag.String("cert", "", "")
	key    = flag.String("key", "", "")
	ca     = flag.String("ca", "", "")
	name   = flag.String("name", "", "")
	bytes  = flag.Int64("bytes", 0, "to send, and to expect")
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func accept() *tls.Conn {
	pair, err := tls.LoadX509KeyPair(*cert, *key)
	check(err)
	listener, err := tls.Listen("tcp", "127.0.0.1:0",
		&tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13})
	check(err)
	fmt.Printf("listening on %s\n", listener.Addr())
	conn, err := listener.Accept()
	check(err)
	return conn.(*tls.Conn)
}

func dial() *tls.Conn {
	pem, err := os.ReadFile(*ca)
	check(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	conn, err := tls.Dial("tcp", "127.0.0.1:"+*port,
		&tls.Config{RootCAs: roots, ServerName: *name, MinVersion: tls.VersionTLS13})
	check(err)
	return conn
}

func upgrade(conn *tls.Conn, reader *bufio.Reader) {
	if *server {
		_, err := http.ReadRequest(reader)
		check(err)
		_, err = io.WriteString(conn,
			"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: bulk\r\n\r\n")
		check(err)
		return
	}
	_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: interop.test\r\nConnection: Upgrade\r\nUpgrade: bulk\r\n\r\n")
	check(err)
	response, err := http.ReadResponse(reader, nil)
	check(err)
	if response.StatusCode != http.StatusSwitchingProtocols {
		log.Fatal("no upgrade: ", response.Status)
	}
}

// Noise in pieces of every size. The last byte waits, as interop_peer's does, so that no key update crosses the end.
func send(conn *tls.Conn, digest hash.Hash, received chan bool) {
	block := make([]byte, blockSize)
	rand.Read(block)
	for sent := int64(0); sent < *bytes; {
		at := sent % blockSize
		left := *bytes - 1 - sent
		if left == 0 {
			<-received
			left = 1
		}
		size := min(1+rand.Int63n(40000), left, blockSize-at)
		digest.Write(block[at : at+size])
		_, err := conn.Write(block[at : at+size])
		check(err)
		sent += size
		if sent%blockSize == 0 {
			block[rand.Intn(blockSize)]++
		}
	}
}

func main() {
	flag.Parse()
	var conn *tls.Conn
	if *server {
		conn = accept()
	} else {
		conn = dial()
	}
	reader := bufio.NewReader(conn)
	upgrade(conn, reader)

	sent, received := sha256.New(), sha256.New()
	done, last := make(chan bool), make(chan bool)
	go func() {
		send(conn, sent, last)
		close(done)
	}()
	nearly := *bytes
	if !*server {
		nearly--
	}
	got, err := io.CopyN(received, reader, nearly)
	check(err)
	close(last)
	rest, err := io.CopyN(received, reader, *bytes-nearly)
	check(err)
	got += rest
	<-done
	if !*server {
		check(conn.CloseWrite())
	}
	// Behind a close_notify, and only there, is this the end.
	more, err := io.Copy(received, reader)
	check(err)
	if *server {
		check(conn.CloseWrite())
	}
	told, err := json.Marshal(map[string]any{
		"sent":     []any{*bytes, hex.EncodeToString(sent.Sum(nil))},
		"received": []any{got + more, hex.EncodeToString(received.Sum(nil))},
		"orderly":  got+more == *bytes,
	})
	check(err)
	fmt.Println(string(told))
}
