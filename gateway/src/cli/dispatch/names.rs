//! The name of each command, as its answer and its failure carry it.

use crate::cli::args::{
    AccessCommand, BenchCommand, CircuitCommand, ClaimCommand, CollectionsCommand, Command,
    ConsortiumCommand, DatasetCommand, Groth16Command, IssuerCommand, KeysCommand, LedgerCommand,
    MemberCommand, NetCommand, PolicyCommand, PowersCommand, R1csCommand, SchemaCommand,
    VisaCommand, WtnsCommand, ZkeyCommand,
};

/// The name of a command, such as `dataset.register`.
pub fn of(command: &Command) -> &'static str {
    match command {
        Command::Quickstart(_) => "quickstart",
        Command::Verify(_) => "verify",
        Command::Consortium(command) => match command {
            ConsortiumCommand::Init { .. } => "consortium.init",
            ConsortiumCommand::Join { .. } => "consortium.join",
            ConsortiumCommand::Trust { .. } => "consortium.trust",
        },
        Command::Circuit(command) => match command {
            CircuitCommand::Propose { .. } => "circuit.propose",
            CircuitCommand::Approve { .. } => "circuit.approve",
            CircuitCommand::Activate { .. } => "circuit.activate",
            CircuitCommand::List => "circuit.list",
        },
        Command::Issuer(command) => issuer(command),
        Command::Member(MemberCommand::Enrol { .. }) => "member.enrol",
        Command::Visa(command) => match command {
            VisaCommand::Request { .. } => "visa.request",
            VisaCommand::Import { .. } => "visa.import",
            VisaCommand::List => "visa.list",
            VisaCommand::Show { .. } => "visa.show",
        },
        Command::Keys(command) => match command {
            KeysCommand::List => "keys.list",
            KeysCommand::Import { .. } => "keys.import",
            KeysCommand::Publish { .. } => "keys.publish",
        },
        Command::Policy(command) => match command {
            PolicyCommand::Check { .. } => "policy.check",
            PolicyCommand::Put { .. } => "policy.put",
            PolicyCommand::Explain { .. } => "policy.explain",
        },
        Command::Schema(SchemaCommand::Draft { .. }) => "schema.draft",
        Command::Schema(SchemaCommand::Omop { .. }) => "schema.omop",
        Command::Schema(SchemaCommand::Check { .. }) => "schema.check",
        Command::Dataset(command) => dataset(command),
        Command::Access(command) => access(command),
        Command::Claim(command) => claim(command),
        Command::Ledger(command) => ledger(command),
        Command::Collections(command) => match command {
            CollectionsCommand::Derive { .. } => "collections.derive",
            CollectionsCommand::Check { .. } => "collections.check",
        },
        Command::Net(args) => net(&args.command),
        Command::Groth16(command) => groth16(command),
        Command::Zkey(command) => zkey(command),
        Command::R1cs(R1csCommand::Info { .. }) => "r1cs.info",
        Command::R1cs(R1csCommand::Export { .. }) => "r1cs.export",
        Command::Wtns(WtnsCommand::Check { .. }) => "wtns.check",
        Command::Powersoftau(PowersCommand::Info { .. }) => "powersoftau.info",
        Command::Bench(BenchCommand::Peers(_)) => "bench.peers",
        Command::Bench(BenchCommand::PeerWorker(_)) => "bench.peer-worker",
    }
}

fn issuer(command: &IssuerCommand) -> &'static str {
    match command {
        IssuerCommand::Init { .. } => "issuer.init",
        IssuerCommand::Register { .. } => "issuer.register",
        IssuerCommand::Issue(_) => "issuer.issue",
        IssuerCommand::Revoke { .. } => "issuer.revoke",
        IssuerCommand::List { .. } => "issuer.list",
        IssuerCommand::Registry => "issuer.registry",
        IssuerCommand::Retire { .. } | IssuerCommand::VoteToRetire { .. } => "issuer.retire",
        IssuerCommand::Publish { .. } => "issuer.publish",
    }
}

fn claim(command: &ClaimCommand) -> &'static str {
    match command {
        ClaimCommand::Prove(args) if args.witness.is_some() => "wtns.export",
        ClaimCommand::Prove(_) => "claim.prove",
        ClaimCommand::Publish { .. } => "claim.publish",
        ClaimCommand::Discard { .. } => "claim.discard",
        ClaimCommand::List => "claim.list",
        ClaimCommand::Bundle { .. } => "claim.bundle",
    }
}

fn dataset(command: &DatasetCommand) -> &'static str {
    match command {
        DatasetCommand::Inspect { .. } => "dataset.inspect",
        DatasetCommand::Commit { .. } => "dataset.commit",
        DatasetCommand::Register { .. } => "dataset.register",
        DatasetCommand::Store { .. } => "dataset.store",
        DatasetCommand::Read { .. } => "dataset.read",
        DatasetCommand::Report(_) => "dataset.report",
        DatasetCommand::List => "dataset.list",
    }
}

fn access(command: &AccessCommand) -> &'static str {
    match command {
        AccessCommand::Request(args) if args.check => "access.check",
        AccessCommand::Request(args) if args.ask.is_some() => "access.ask",
        AccessCommand::Extend(args) if args.ask.is_some() => "access.ask",
        AccessCommand::Affirm { ask: Some(_), .. } => "access.ask",
        AccessCommand::Request(args) if args.witness.is_some() => "wtns.export",
        AccessCommand::Extend(args) if args.witness.is_some() => "wtns.export",
        AccessCommand::Confirm {
            witness: Some(_), ..
        } => "wtns.export",
        AccessCommand::Submit { .. } => "access.submit",
        AccessCommand::Extend(_) => "access.request",
        AccessCommand::Affirm { .. } => "access.affirm",
        AccessCommand::Request(_) => "access.request",
        AccessCommand::List => "access.list",
        AccessCommand::Show { .. } => "access.show",
        AccessCommand::Decide { .. } => "access.decide",
        AccessCommand::Handover { .. } => "access.handover",
        AccessCommand::Confirm { .. } => "access.confirm",
        AccessCommand::Close { .. } => "access.close",
    }
}

fn ledger(command: &LedgerCommand) -> &'static str {
    match command {
        LedgerCommand::Tick => "ledger.tick",
        LedgerCommand::Blocks { .. } => "ledger.blocks",
        LedgerCommand::Events { .. } => "ledger.events",
        LedgerCommand::Tx { .. } => "ledger.tx",
        LedgerCommand::Outbox => "ledger.outbox",
        LedgerCommand::Audit => "ledger.audit",
        LedgerCommand::Repair { .. } => "ledger.repair",
    }
}

fn net(command: &NetCommand) -> &'static str {
    match command {
        NetCommand::Install => "net.install",
        NetCommand::Up { .. } => "net.up",
        NetCommand::Deploy { .. } => "net.deploy",
        NetCommand::Status => "net.status",
        NetCommand::Env { .. } => "net.env",
        NetCommand::Doctor(_) => "net.doctor",
        NetCommand::Down => "net.down",
        NetCommand::Clean => "net.clean",
    }
}

fn groth16(command: &Groth16Command) -> &'static str {
    match command {
        Groth16Command::Setup { .. } => "groth16.setup",
        Groth16Command::Prove { .. } => "groth16.prove",
        Groth16Command::Verify { .. } => "groth16.verify",
    }
}

fn zkey(command: &ZkeyCommand) -> &'static str {
    match command {
        ZkeyCommand::Info { .. } => "zkey.info",
        ZkeyCommand::Verify { .. } => "zkey.verify",
        ZkeyCommand::ExportVkey { .. } | ZkeyCommand::Export { .. } => "zkey.export-vkey",
    }
}
