//! A usage policy: Rego, checked and compiled once, evaluated per record on the bytecode machine.

use super::record::Record;
use super::tokens::tokens;
use super::{MisuseError, canary, references};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::{Program, RegoVM};
use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, Value};
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// What is evaluated.
const ENTRY: &str = "data.audit.usage.deny";

/// Instructions that one record may cost. Far above any policy of use; the same on every machine.
const MAX_INSTRUCTIONS: usize = 1_000_000;

/// Time that one record may cost, should a single instruction run away.
const MAX_TIME: Duration = Duration::from_secs(10);

/// A place in a policy file; line and column from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// The policy's name.
    pub policy: String,
    /// Line.
    pub line: usize,
    /// Column, in characters.
    pub column: usize,
}

impl At {
    pub(super) fn new(policy: &str, line: usize, column: usize) -> Self {
        Self { policy: policy.to_owned(), line, column }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.policy, self.line, self.column)
    }
}

/// Why a policy cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// It is not Rego, or calls something that does not exist.
    #[error("{at}: {message}")]
    Rego {
        /// Where.
        at: At,
        /// What the engine says.
        message: String,
    },
    /// The engine refuses it without naming a place.
    #[error("the policy `{policy}` cannot be compiled: {message}")]
    Compile {
        /// The policy's name.
        policy: String,
        /// What the engine says.
        message: String,
    },
    /// It is in another package, or has no `deny`.
    #[error("the policy `{policy}` must be `package audit.usage` and define `deny`")]
    NoDeny {
        /// The policy's name.
        policy: String,
    },
    /// It reads a field that no record has, or a fact that is never given.
    #[error("{at}: a record has no field `{path}`{help}")]
    UnknownField {
        /// Where.
        at: At,
        /// The reference as written.
        path: String,
        /// `; did you mean …?`, or nothing.
        help: String,
    },
    /// It reads an object instead of a field, which would hide a misspelled field.
    #[error("{at}: `{path}` stands for more than one field; name the field, as in `input.purpose`")]
    WholeObject {
        /// Where.
        at: At,
        /// The reference as written.
        path: String,
    },
    /// It calls a builtin whose answer changes from run to run.
    #[error("{at}: `{builtin}` answers differently in each run; an audit must be repeatable")]
    Unsteady {
        /// Where.
        at: At,
        /// The builtin.
        builtin: String,
    },
    /// A rule's name is computed, or not a plain lowercase word.
    #[error("{at}: the value of \"rule\" must be a literal of lowercase letters, digits and `_`")]
    RuleName {
        /// Where.
        at: At,
    },
    /// It declares no rule.
    #[error(
        "the policy `{policy}` declares no rule; write `deny contains {{\"rule\": \"name\", \"message\": \"words\"}} if {{ … }}`"
    )]
    NoRules {
        /// The policy's name.
        policy: String,
    },
    /// It fails on a record in which every field is present.
    #[error("the policy `{policy}` fails on a complete record: {message}")]
    Canary {
        /// The policy's name.
        policy: String,
        /// What the engine says.
        message: String,
    },
}

/// A compiled policy.
#[derive(Clone)]
pub struct Policy {
    name: String,
    program: Arc<Program>,
    rules: Vec<String>,
    built_in: bool,
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("name", &self.name)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

impl Policy {
    /// The shipped policy.
    ///
    /// # Errors
    /// Never for the file that is shipped; its tests hold that.
    pub fn built_in() -> Result<Self, PolicyError> {
        let policy = Self::compile("usage.rego", include_str!("usage.rego"))?;
        Ok(Self { built_in: true, ..policy })
    }

    /// Checks and compiles a policy: `package audit.usage`, with rules of the form
    /// `deny contains {"rule": "name", "message": "words"} if { … }` over `input` (one record) and
    /// `data.audit` (the declared facts).
    ///
    /// # Errors
    /// Rego's own errors with their place, and what Rego would let through in silence: a reference to
    /// a field that no record has, to a whole object, an unknown function, a rule without a literal
    /// name, an answer that changes from run to run, a failure on a complete record.
    pub fn compile(name: &str, rego: &str) -> Result<Self, PolicyError> {
        let mut engine = Engine::new();
        let package = engine
            .add_policy(name.to_owned(), rego.to_owned())
            .map_err(|error| located(name, &error.to_string()))?;
        if package != "data.audit.usage" {
            return Err(PolicyError::NoDeny { policy: name.to_owned() });
        }
        let tokens = tokens(rego);
        references::check(name, &tokens)?;
        let rules = references::rules(name, &tokens)?;
        let program = program(&mut engine, name)?;
        let policy = Self { name: name.to_owned(), program, rules, built_in: false };
        policy.try_canary(&mut engine)?;
        Ok(policy)
    }

    /// The policy's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The rules that it declares, in their own order.
    #[must_use]
    pub fn rules(&self) -> &[String] {
        &self.rules
    }

    /// Whether this is the shipped policy, which needs the facts that its rules name.
    pub(super) fn is_built_in(&self) -> bool {
        self.built_in
    }

    /// A machine that evaluates this policy under the given facts.
    pub(super) fn machine(&self, facts: Value) -> Result<Machine<'_>, MisuseError> {
        let mut vm = RegoVM::new();
        vm.load_program(Arc::clone(&self.program));
        vm.set_max_instructions(MAX_INSTRUCTIONS);
        vm.set_strict_builtin_errors(true);
        let check_interval = NonZeroU32::MIN.saturating_add(999);
        vm.set_execution_timer_config(Some(ExecutionTimerConfig {
            limit: MAX_TIME,
            check_interval,
        }));
        vm.set_data(facts).map_err(|error| self.failure(0, &error.to_string()))?;
        Ok(Machine { policy: self, vm })
    }

    /// Evaluates a complete record twice. The machine shows a policy that runs away or answers in the
    /// wrong shape; but it takes a builtin that fails for `undefined`, which would silence the rule,
    /// so the interpreter, which can be strict, evaluates it too.
    fn try_canary(&self, engine: &mut Engine) -> Result<(), PolicyError> {
        let canary = |message| PolicyError::Canary { policy: self.name.clone(), message };
        let failed = |error: MisuseError| canary(error.to_string());
        let facts = canary::facts().to_value();
        let mut machine = self.machine(facts.clone()).map_err(failed)?;
        machine.deny(0, &canary::record()).map_err(failed)?;
        engine.set_strict_builtin_errors(true);
        engine.set_execution_timer_config(timer());
        engine.set_input(input(&canary::record()).map_err(canary)?);
        engine.add_data(facts).and_then(|()| engine.eval_rule(ENTRY.to_owned())).map_err(
            |error| match located(&self.name, &error.to_string()) {
                PolicyError::Compile { message, .. } => canary(message),
                placed => placed,
            },
        )?;
        Ok(())
    }

    fn failure(&self, line: u64, message: &str) -> MisuseError {
        MisuseError::Evaluation {
            policy: self.name.clone(),
            line,
            message: super::text::tame(message),
        }
    }
}

fn program(engine: &mut Engine, name: &str) -> Result<Arc<Program>, PolicyError> {
    let has_deny = engine.has_declared_rule_rooted_at(name, "deny");
    if !has_deny.map_err(|error| located(name, &error.to_string()))? {
        return Err(PolicyError::NoDeny { policy: name.to_owned() });
    }
    let compiled = engine
        .compile_with_entrypoint(&ENTRY.into())
        .map_err(|error| located(name, &error.to_string()))?;
    Compiler::compile_from_policy(&compiled, &[ENTRY])
        .map_err(|error| located(name, &error.to_string()))
}

fn timer() -> ExecutionTimerConfig {
    let check_interval = NonZeroU32::MIN.saturating_add(999);
    ExecutionTimerConfig { limit: MAX_TIME, check_interval }
}

/// A record as the policy sees it.
fn input(record: &Record) -> Result<Value, String> {
    let json = serde_json::to_string(record).map_err(|error| error.to_string())?;
    Value::from_json_str(&json).map_err(|error| error.to_string())
}

/// The engine's message as place and words: it prints `--> name:line:column`, the line, a caret, and
/// `error: words`.
fn located(name: &str, message: &str) -> PolicyError {
    let words = message.rsplit_once("error: ").map_or(message, |(_, words)| words).trim();
    let place = message.split_once(&format!("--> {name}:")).and_then(|(_, rest)| {
        let mut numbers = rest.lines().next()?.split(':');
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    });
    match place {
        Some((line, column)) => {
            PolicyError::Rego { at: At::new(name, line, column), message: words.to_owned() }
        }
        None => PolicyError::Compile { policy: name.to_owned(), message: words.to_owned() },
    }
}

/// One bytecode machine; a thread has its own.
pub(super) struct Machine<'a> {
    policy: &'a Policy,
    vm: RegoVM,
}

/// One broken rule of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Denial {
    pub(super) rule: String,
    pub(super) message: String,
}

impl Machine<'_> {
    /// The rules that a record breaks, each once, in the order of the policy.
    pub(super) fn deny(&mut self, line: u64, record: &Record) -> Result<Vec<Denial>, MisuseError> {
        let policy = self.policy;
        let fail = |message: &str| policy.failure(line, message);
        self.vm.set_input(input(record).map_err(|error| fail(&error))?);
        let answer = self.vm.execute().map_err(|error| fail(&error.to_string()))?;
        if answer == Value::Undefined {
            return Ok(Vec::new());
        }
        let set = answer.as_set().map_err(|_| fail("`deny` is not a set"))?;
        let mut denials: Vec<Denial> = Vec::new();
        for entry in set {
            let text = |key: &str| entry[key].as_string().map(ToString::to_string).ok();
            let (Some(rule), Some(message)) = (text("rule"), text("message")) else {
                return Err(fail("an entry of `deny` lacks the text \"rule\" or \"message\""));
            };
            if !policy.rules.contains(&rule) {
                return Err(fail(&format!(
                    "`deny` holds the rule `{rule}`, which is not declared"
                )));
            }
            if !denials.iter().any(|d| d.rule == rule) {
                denials.push(Denial { rule, message });
            }
        }
        denials.sort_by_key(|d| policy.rules.iter().position(|rule| *rule == d.rule));
        Ok(denials)
    }
}
