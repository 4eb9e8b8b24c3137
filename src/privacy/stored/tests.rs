use super::*;
use safetensors::{Dtype, tensor::TensorView};

/// Tensor by name: type, shape, bytes.
type Spec<'a> = (&'a str, Dtype, Vec<usize>, Vec<u8>);

fn logits(shape: [usize; 3], values: &[f32]) -> Spec<'static> {
    let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    ("logits", Dtype::F32, shape.to_vec(), bytes)
}

fn masks(shape: [usize; 2], values: &[u8]) -> Spec<'static> {
    ("masks", Dtype::U8, shape.to_vec(), values.to_vec())
}

fn labels(values: &[i64]) -> Spec<'static> {
    let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    ("labels", Dtype::I64, vec![values.len()], bytes)
}

fn file(specs: &[Spec<'_>]) -> Vec<u8> {
    let views = specs.iter().map(|(name, dtype, shape, bytes)| {
        (*name, TensorView::new(*dtype, shape.clone(), bytes).unwrap())
    });
    safetensors::serialize(views, None).unwrap()
}

/// Two models, two pool rows, one population row, two classes.
const VALUES: [f32; 12] = [1.0, 0.0, 2.0, 0.0, 9.0, 9.0, 3.0, 0.0, 4.0, 0.0, 9.0, 9.0];

fn good() -> [Spec<'static>; 3] {
    [logits([2, 3, 2], &VALUES), masks([2, 2], &[1, 0, 0, 1]), labels(&[0, 1, 0])]
}

#[test]
fn the_pool_is_split_by_the_target_s_mask() {
    let bytes = file(&good());
    let stored = read(&bytes, &Layout { target: 1, ..Layout::default() }).unwrap();
    let scene = stored.scene().unwrap();
    assert_eq!(scene.member, [false, true]);
    assert_eq!(scene.pool.labels(), [0, 1]);
    assert_eq!(scene.population.unwrap().labels(), [0]);
    assert_eq!((stored.pool(), stored.complements()), (2, vec![0]));
    assert_eq!(stored.references().unwrap().models(), 1);
}

#[test]
fn an_excluded_model_is_no_reference() {
    let mut broken = VALUES;
    broken[0] = f32::NAN;
    let bytes = file(&[logits([2, 3, 2], &broken), good()[1].clone(), good()[2].clone()]);
    let layout = Layout { target: 1, exclude: vec![0], ..Layout::default() };
    let stored = read(&bytes, &layout).unwrap();
    assert!(stored.references().is_none() && stored.complements().is_empty());
}

#[test]
fn each_fault_has_its_own_message() {
    let [l, m, y] = good();
    let with =
        |l: &Spec<'static>, m: Spec<'static>, y: &Spec<'static>| vec![l.clone(), m, y.clone()];
    let mut nan = VALUES;
    nan[9] = f32::NAN;
    let flat = ("logits", Dtype::F32, vec![12], l.3.clone());
    let wrong = ("labels", Dtype::U8, vec![3], vec![0, 1, 0]);
    for (specs, exclude, message) in [
        (vec![l.clone(), m.clone()], 1, "no tensor `labels`; the file holds logits, masks"),
        (with(&l, m.clone(), &wrong), 1, "tensor `labels` is u8, not i64"),
        (with(&flat, m.clone(), &y), 1, "has shape [12], not (models, rows, classes)"),
        (with(&l, masks([1, 2], &[1, 0]), &y), 1, "2 models, the masks from 1"),
        (with(&l, masks([2, 4], &[0; 8]), &y), 1, "4 rows, but the logits only 3"),
        (with(&l, m.clone(), &labels(&[0, 1])), 1, "2 labels for 3 rows"),
        (good().to_vec(), 2, "model 2 is asked for, but there are only 2"),
        (good().to_vec(), 0, "model 0 is the target"),
        (with(&l, masks([2, 2], &[1, 7, 0, 1]), &y), 1, "mask of model 0, row 1 is 7"),
        (with(&l, masks([2, 2], &[1, 1, 0, 1]), &y), 1, "trained on 2 of the 2 rows"),
        (with(&l, masks([2, 2], &[0, 0, 0, 1]), &y), 1, "trained on 0 of the 2 rows"),
        (with(&l, m.clone(), &labels(&[0, -1, 0])), 1, "label of row 1 is -1"),
        (with(&logits([2, 3, 2], &nan), m.clone(), &y), 3, "logit 1 of model 1, row 1 is NaN"),
    ] {
        let exclude = if exclude == 3 { Vec::new() } else { vec![exclude] };
        let layout = Layout { exclude, ..Layout::default() };
        let error = read(&file(&specs), &layout).unwrap_err().to_string();
        assert!(error.contains(message), "{error} lacks {message}");
    }
    let target = Layout { target: 2, ..Layout::default() };
    assert!(matches!(read(&file(&good()), &target), Err(StoredError::Target { .. })));
    assert!(matches!(read(b"{}", &Layout::default()), Err(StoredError::Format(_))));
}

/// The same outputs as losses of the true class.
fn losses(values: &[f64]) -> Tensor<'static> {
    let data = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    Tensor { name: "losses".to_owned(), kind: Kind::F64, shape: vec![2, 3], data }
}

fn beside(values: Tensor<'static>, labels: &[i64]) -> Result<Stored<'static>, StoredError> {
    let tensor = |name: &str, kind, shape: &[usize], data| {
        let (name, shape) = (name.to_owned(), shape.to_vec());
        Tensor { name, kind, shape, data: Cow::Owned(data) }
    };
    let masks = tensor("masks", Kind::U8, &[2, 2], vec![1, 0, 0, 1]);
    let bytes = labels.iter().flat_map(|v| v.to_le_bytes()).collect();
    let labels = tensor("labels", Kind::I64, &[labels.len()], bytes);
    let layout = Layout { losses: Some("losses".to_owned()), ..Layout::default() };
    of([values, masks, labels], &layout)
}

#[test]
fn losses_stand_for_the_confidence_in_the_true_class() {
    // p = ¾, ½, ¼: φ = ln 3, 0, −ln 3; a loss of 800 would make e^ℓ infinite.
    let p = |p: f64| -p.ln();
    let made =
        beside(losses(&[p(0.75), p(0.5), p(0.25), 800.0, 1e-12, p(0.5)]), &[7, 3, 0]).unwrap();
    let scene = made.scene().unwrap();
    let scored =
        |attack| crate::privacy::membership::scores(attack, &scene, crate::domain::Seed::new(1));
    let phi = scored("logit_scaled_confidence").unwrap();
    assert!((phi.pool[0] - 3.0_f64.ln()).abs() < 1e-14 && phi.pool[1].abs() < 1e-14);
    assert!((phi.population[0] + 3.0_f64.ln()).abs() < 1e-14);
    assert!((scored("loss").unwrap().pool[0] - 0.75_f64.ln()).abs() < 1e-14);
    assert_eq!((scene.pool.labels(), made.without_loss()), (&[7, 3][..], 0));
    // −ln(e^800 − 1) = −800; −ln(e^1e-12 − 1) = 12 ln 10, nearly.
    assert!((made.confidence(1, 0) + 800.0).abs() < 1e-9);
    assert!((made.confidence(1, 1) - 12.0 * 10.0_f64.ln()).abs() < 1e-9);
    let message = scored("entropy").unwrap_err().to_string();
    assert!(message.contains("`entropy` looks at the outputs of every class"), "{message}");
}

#[test]
fn a_loss_of_0_is_half_of_the_smallest_other_one() {
    let made = beside(losses(&[0.0, 0.5, 0.5, 0.25, 0.0, 0.5]), &[0, 0, 0]).unwrap();
    assert_eq!(made.without_loss(), 1);
    // −ln(e^⅛ − 1).
    assert!((made.confidence(0, 0) + 0.125_f64.exp_m1().ln()).abs() < 1e-14);
    let all = beside(losses(&[0.0; 6]), &[0, 0, 0]).unwrap();
    assert!(all.confidence(0, 0).is_finite());
}

#[test]
fn losses_that_are_none_are_named() {
    for (values, expected) in [
        ([0.1, -0.5, 0.0, 0.0, 0.0, 0.0], "the loss of model 0, row 1 is -0.5, not a finite"),
        ([0.1, 0.5, 0.0, 0.0, f64::NAN, 0.0], "the loss of model 1, row 1 is NaN"),
        ([f64::INFINITY, 0.5, 0.0, 0.0, 0.0, 0.0], "the loss of model 0, row 0 is inf"),
    ] {
        let message = beside(losses(&values), &[0, 0, 0]).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
    let message = beside(losses(&[0.1; 6]), &[0, 0]).unwrap_err().to_string();
    assert!(message.contains("2 labels for 3 rows"), "{message}");
    let message = beside(losses(&[0.1; 6]), &[0, 1 << 16, 0]).unwrap_err().to_string();
    assert!(message.contains("label of row 1 is 65536"), "{message}");
    let short = Tensor { shape: vec![2, 4], ..losses(&[0.1; 6]) };
    let message = beside(short, &[0, 0, 0]).unwrap_err().to_string();
    assert!(message.contains("`losses` has 6 entries, which is not its shape [2, 4]"), "{message}");
    let cube = Tensor { shape: vec![2, 3, 1], ..losses(&[0.1; 6]) };
    let message = beside(cube, &[0, 0, 0]).unwrap_err().to_string();
    assert!(message.contains("has shape [2, 3, 1], not (models, rows)"), "{message}");
}

#[test]
fn wide_logits_and_truth_values_are_read_too() {
    let bytes = VALUES.iter().flat_map(|v| f64::from(*v).to_le_bytes()).collect();
    let wide = ("logits", Dtype::F64, vec![2, 3, 2], bytes);
    let truth = ("masks", Dtype::BOOL, vec![2, 2], vec![1, 0, 0, 1]);
    let [narrow, masks, labels] = good();
    let scenes = [[narrow, masks, labels.clone()], [wide, truth, labels]].map(|specs| {
        let bytes = file(&specs);
        let stored = read(&bytes, &Layout::default()).unwrap();
        (stored.scene().unwrap(), stored.references())
    });
    assert_eq!(scenes[0], scenes[1]);
}
