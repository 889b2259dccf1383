package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/backend/witness"
	"github.com/consensys/gnark/constraint"
	cs "github.com/consensys/gnark/constraint/bn254"
)

type writer = io.Writer
type reader = io.Reader

// write fills a file beside its place and moves it there.
func write(path string, fill func(writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	beside := fmt.Sprintf("%s.%d", path, os.Getpid())
	file, err := os.Create(beside)
	if err != nil {
		return err
	}
	defer os.Remove(beside)
	to := bufio.NewWriterSize(file, 1<<20)
	err = errors.Join(fill(to), to.Flush(), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(beside, path)
}

func read(path string, take func(reader) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return take(bufio.NewReaderSize(file, 1<<20))
}

// source reads little-endian numbers of a file of sections.
type source struct {
	from *bufio.Reader
	err  error
}

func (s *source) take(bytes []byte) {
	if s.err == nil {
		_, s.err = io.ReadFull(s.from, bytes)
	}
}

func (s *source) number() int {
	var bytes [4]byte
	s.take(bytes[:])
	return int(binary.LittleEndian.Uint32(bytes[:]))
}

func (s *source) long() uint64 {
	var bytes [8]byte
	s.take(bytes[:])
	return binary.LittleEndian.Uint64(bytes[:])
}

func (s *source) value() fr.Element {
	var bytes [fr.Bytes]byte
	s.take(bytes[:])
	value, err := fr.LittleEndian.Element(&bytes)
	if s.err == nil {
		s.err = err
	}
	return value
}

func (s *source) expect(holds bool, what string) {
	if s.err == nil && !holds {
		s.err = errors.New("expected " + what)
	}
}

// begin reads the head of a file and of its first section.
func (s *source) begin(magic string, version, sections int) {
	bytes := make([]byte, len(magic))
	s.take(bytes)
	s.expect(string(bytes) == magic, magic)
	s.expect(s.number() == version && s.number() == sections, "the version and its sections")
	s.section(1)
	s.expect(s.number() == fr.Bytes, "numbers of 32 bytes")
	modulus := make([]byte, fr.Bytes)
	s.take(modulus)
	expected := fr.Modulus().FillBytes(make([]byte, fr.Bytes))
	for i := range modulus {
		s.expect(modulus[i] == expected[len(expected)-1-i], "the field of BN254")
	}
}

func (s *source) section(number int) {
	s.expect(s.number() == number, fmt.Sprintf("section %d", number))
	s.long()
}

func open(path string) (*source, io.Closer, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	return &source{from: bufio.NewReaderSize(file, 1<<20)}, file, nil
}

// readRows reads a circuit that medveil_prover::R1cs wrote. Wires that are not public are secret inputs
// to gnark, private or not, so that solving is a check.
func readRows(path string) (*cs.R1CS, error) {
	s, file, err := open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	s.begin("r1cs", 1, 3)
	wires, outputs, inputs := s.number(), s.number(), s.number()
	s.number() // private inputs
	s.long()
	count := s.number()
	public := outputs + inputs + 1
	s.expect(wires >= public, "as many wires as public values")
	s.section(2)
	if s.err != nil {
		return nil, s.err
	}
	rows := cs.NewR1CS(count)
	for wire := range wires {
		if wire < public {
			rows.AddPublicVariable(fmt.Sprint(wire))
		} else {
			rows.AddSecretVariable(fmt.Sprint(wire))
		}
	}
	blueprint := rows.AddBlueprint(&constraint.BlueprintGenericR1C{})
	for range count {
		row := constraint.R1C{L: s.sum(rows, wires), R: s.sum(rows, wires), O: s.sum(rows, wires)}
		if s.err != nil {
			return nil, s.err
		}
		rows.AddR1C(row, blueprint)
	}
	return rows, nil
}

func (s *source) sum(rows *cs.R1CS, wires int) constraint.LinearExpression {
	var sum constraint.LinearExpression
	for range s.number() {
		wire, value := s.number(), s.value()
		s.expect(wire < wires, "a wire that there is")
		if s.err != nil {
			return nil
		}
		sum = append(sum, rows.MakeTerm(constraint.U64{value[0], value[1], value[2], value[3]}, wire))
	}
	return sum
}

// readWitness reads the values of all wires, the constant one first.
func readWitness(path string, rows *cs.R1CS) (witness.Witness, error) {
	s, file, err := open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	s.begin("wtns", 2, 2)
	_, secret, public := rows.GetNbVariables()
	s.expect(s.number() == secret+public, "the witness of this circuit")
	s.section(2)
	one := s.value()
	s.expect(one.IsOne(), "one before all others")
	if s.err != nil {
		return nil, s.err
	}
	// gnark puts the constant one before the values itself.
	values := make([]fr.Element, secret+public-1)
	for i := range values {
		values[i] = s.value()
	}
	if s.err != nil {
		return nil, s.err
	}
	full, err := witness.New(ecc.BN254.ScalarField())
	if err != nil {
		return nil, err
	}
	given := make(chan any, 1024)
	go func() {
		for i := range values {
			given <- values[i]
		}
		close(given)
	}()
	return full, full.Fill(public-1, secret, given)
}
