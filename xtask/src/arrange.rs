//! The order of a module's functions. gzip looks back 32 KB, and the linker leaves functions that are alike (a generic that
//! was compiled for many types) further apart than that. Here each comes behind those that it shares most with: the module
//! does the same, and compresses better.

use anyhow::{Context, Result, anyhow};
use std::collections::HashMap;
use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser, Payload, TypeRef};

/// The same module with its functions in an order that compresses well.
pub fn arrange(module: &[u8]) -> Result<Vec<u8>> {
    let mut imported = 0;
    let mut bodies = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload.context("the module cannot be read")? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imported += usize::from(matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(&module[body.range()]),
            _ => {}
        }
    }
    let order = neighbours(&bodies);
    let mut places: Vec<u32> = (0..(imported + bodies.len()) as u32).collect();
    for (place, &function) in order.iter().enumerate() {
        places[imported + function] = (imported + place) as u32;
    }
    let mut arranged = Module::new();
    utils::parse_core_module(&mut Arrangement { order, places }, &mut arranged, Parser::new(0), module)
        .map_err(|error| anyhow!("the module cannot be written: {error}"))?;
    Ok(arranged.finish())
}

/// Writes functions in another order, and every mention of one by its new number.
struct Arrangement {
    /// The defined functions, in their new order.
    order: Vec<usize>,
    /// New number of each function, the imported ones included.
    places: Vec<u32>,
}

impl Reencode for Arrangement {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        Ok(self.places[function as usize])
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        let types = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for &function in &self.order {
            functions.function(types[function]);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        let bodies = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for function in self.order.clone() {
            self.parse_function_body(code, bodies[function].clone())?;
        }
        Ok(())
    }
}

/// Bytes whose repetition makes functions alike.
const GRAM: usize = 6;
/// Grams that more functions share tell nothing.
const COMMON: usize = 200;
/// The end of the order that the next function is compared with: so many functions, of about so many bytes.
const RECENT: (usize, usize) = (6, 3000);
/// Keeps tiny functions from winning with a gram or two.
const WEIGHT: f32 = 20.0;

/// An order in which each body follows those that it shares most with, the longest one first.
fn neighbours(bodies: &[&[u8]]) -> Vec<usize> {
    let (grams, holders) = index(bodies);
    let mut waiting = vec![true; bodies.len()];
    let mut order: Vec<usize> = Vec::with_capacity(bodies.len());
    let mut scores = vec![0f32; bodies.len()];
    while order.len() < bodies.len() {
        let mut alike = Vec::new();
        let mut bytes = 0;
        for &recent in order.iter().rev().take(RECENT.0) {
            for &gram in &grams[recent] {
                let rarity = (holders[gram].len() as f32).sqrt().recip();
                for &other in holders[gram].iter().filter(|&&other| waiting[other]) {
                    if scores[other] == 0.0 {
                        alike.push(other);
                    }
                    scores[other] += rarity;
                }
            }
            bytes += bodies[recent].len();
            if bytes > RECENT.1 {
                break;
            }
        }
        let score = |i: usize| scores[i] / (grams[i].len() as f32 + WEIGHT);
        let best = alike.iter().copied().max_by(|&a, &b| score(a).total_cmp(&score(b)).then(b.cmp(&a)));
        let longest = || (0..bodies.len()).filter(|&i| waiting[i]).max_by_key(|&i| bodies[i].len());
        let next = best.or_else(longest).expect("some body waits");
        alike.iter().for_each(|&i| scores[i] = 0.0);
        waiting[next] = false;
        order.push(next);
    }
    order
}

/// The telling grams of each body, and the bodies that hold each gram.
fn index(bodies: &[&[u8]]) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
    let mut numbers: HashMap<&[u8], usize> = HashMap::new();
    let mut holders: Vec<Vec<usize>> = Vec::new();
    for (body, bytes) in bodies.iter().enumerate() {
        for gram in bytes.windows(GRAM) {
            let number = *numbers.entry(gram).or_insert_with(|| {
                holders.push(Vec::new());
                holders.len() - 1
            });
            if holders[number].last() != Some(&body) {
                holders[number].push(body);
            }
        }
    }
    let mut grams = vec![Vec::new(); bodies.len()];
    for (gram, list) in holders.iter().enumerate().filter(|(_, list)| (2..=COMMON).contains(&list.len())) {
        list.iter().for_each(|&body| grams[body].push(gram));
    }
    (grams, holders)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{
        EntityType, ExportKind, ExportSection, Function, ImportSection, Instruction, TypeSection, ValType,
    };
    use wasmparser::Operator;

    #[test]
    fn alike_bodies_become_neighbours() {
        let (a, b): (Vec<u8>, Vec<u8>) = ((0..60).collect(), (100..160).collect());
        let bodies = [&a[..], &b[..], &a[5..50], &b[5..50], &a[10..60]];
        assert_eq!(neighbours(&bodies), [1, 3, 0, 4, 2]);
    }

    /// Function i returns i; every export must lead to the body that it led to before, past an imported function.
    #[test]
    fn exports_keep_their_bodies() {
        let mut module = Module::new();
        let (mut types, mut imports) = (TypeSection::new(), ImportSection::new());
        types.ty().function([], [ValType::I32]);
        imports.import("host", "f", EntityType::Function(0));
        let (mut functions, mut exports, mut code) = (FunctionSection::new(), ExportSection::new(), CodeSection::new());
        for i in 0..20 {
            functions.function(0);
            exports.export(&format!("f{i}"), ExportKind::Func, i as u32 + 1);
            let mut body = Function::new([]);
            // Bodies of different lengths, half of them alike.
            for _ in 0..(20 - i) {
                body.instruction(&Instruction::Call(1 + i as u32 % 2)).instruction(&Instruction::Drop);
            }
            body.instruction(&Instruction::I32Const(i)).instruction(&Instruction::End);
            code.function(&body);
        }
        module.section(&types).section(&imports).section(&functions).section(&exports).section(&code);
        let before = module.finish();
        let after = arrange(&before).unwrap();
        wasmparser::validate(&after).unwrap();
        assert_ne!(before, after);
        assert_eq!(results(&before), results(&after));
        assert_eq!(results(&after).len(), 20);
    }

    /// The name of every exported function with the constant that it returns.
    fn results(module: &[u8]) -> Vec<(String, i32)> {
        let (mut exports, mut constants) = (Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(module) {
            match payload.unwrap() {
                Payload::ExportSection(section) => exports.extend(section.into_iter().map(|e| e.unwrap())),
                Payload::CodeSectionEntry(body) => {
                    let operators = body.get_operators_reader().unwrap().into_iter();
                    constants.extend(operators.filter_map(|operator| match operator.unwrap() {
                        Operator::I32Const { value } => Some(value),
                        _ => None,
                    }));
                }
                _ => {}
            }
        }
        exports.iter().map(|e| (e.name.to_string(), constants[e.index as usize - 1])).collect()
    }
}
