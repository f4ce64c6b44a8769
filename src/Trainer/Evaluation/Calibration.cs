namespace MnistLstm.Trainer.Evaluation;

/// <summary>How logits become probabilities.</summary>
public enum Calibration
{
    /// <summary>Softmax of the logits.</summary>
    None,

    /// <summary>Softmax of the logits over one temperature, fitted on validation (Guo et al., 2017).</summary>
    Temperature,
}
