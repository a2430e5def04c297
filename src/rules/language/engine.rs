//! The subset of Rhai that the sandbox uses: packages, keywords and limits.

use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicIteratorPackage, BasicMapPackage, BasicMathPackage,
    BasicStringPackage, LogicPackage, MoreStringPackage, Package,
};
use rhai::{Engine, OptimizationLevel};

use super::restrictions;

/// Stack size of evaluation threads. No script within the limits can exceed it: the engine copies
/// and drops a nested value with a stack frame for each level, and in an account with 200,000
/// resources, a script can nest lists 150,000 levels deep within the time limit. This is address
/// space: only what is used takes memory.
pub const STACK_SIZE: usize = 256 << 20;

/// Maximum size of a string, including all strings in the same container, in bytes. S3 policies
/// have at most 20 KB.
const MAX_STRING: usize = 64 << 10;
const MAX_ARRAY: usize = 10_000;
/// The engine adds up the entries of all maps in a list. Evidence for a security group with one map
/// per rule can have 10,000: AWS allows 1,000 rules per direction.
const MAX_MAP: usize = 20_000;
/// How much one resource of the account adds to these limits, so that a rule can list all of them,
/// with an id each.
const STRING_PER_RESOURCE: usize = 64;
const MAP_PER_RESOURCE: usize = 8;
const MAX_VARIABLES: usize = 64;
const MAX_FUNCTIONS: usize = 100;
pub(crate) const MAX_CALLS: usize = 12;
const MAX_DEPTH: usize = 64;

/// Sets every limit, so that debug and release builds behave the same.
pub(crate) fn set_limits(engine: &mut Engine) {
    // Operations are counted by the sandbox, which charges native functions, too.
    engine.set_max_operations(0);
    engine.set_max_call_levels(MAX_CALLS);
    engine.set_max_expr_depths(MAX_DEPTH, MAX_DEPTH);
    engine.set_max_string_size(MAX_STRING);
    engine.set_max_array_size(MAX_ARRAY);
    engine.set_max_map_size(MAX_MAP);
    engine.set_max_variables(MAX_VARIABLES);
    engine.set_max_functions(MAX_FUNCTIONS);
    engine.set_max_modules(0);
}

/// Raises the limits of lists for an account with that many resources.
pub(crate) fn set_list_limits(engine: &mut Engine, resources: usize) {
    engine.set_max_array_size(MAX_ARRAY.saturating_add(resources));
    engine.set_max_map_size(MAX_MAP.saturating_add(resources.saturating_mul(MAP_PER_RESOURCE)));
    let strings = resources.saturating_mul(STRING_PER_RESOURCE);
    engine.set_max_string_size(MAX_STRING.saturating_add(strings));
}

/// An engine with the supported subset of Rhai, without helpers.
pub(crate) fn bare() -> Engine {
    let mut engine = Engine::new_raw();
    engine.set_optimization_level(OptimizationLevel::None);
    set_limits(&mut engine);
    engine.set_strict_variables(true);
    engine.set_fail_on_invalid_map_property(true);
    // The fast operators ignore the registered ones, which refuse to compare `()`.
    engine.set_fast_operators(false);
    for keyword in restrictions::DISABLED {
        engine.disable_symbol(keyword);
    }
    ArithmeticPackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicMathPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
    MoreStringPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    engine
}

/// An engine that only parses. All keywords are enabled, so that [`restrictions::check`] can report
/// forbidden ones.
pub(crate) fn parser() -> Engine {
    let mut engine = Engine::new_raw();
    engine.set_optimization_level(OptimizationLevel::None);
    super::engine::set_limits(&mut engine);
    engine
}
