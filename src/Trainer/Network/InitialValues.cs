namespace MnistLstm.Trainer.Network;

/// <summary>The weights before the first step.</summary>
public enum InitialValues
{
    /// <summary>
    /// The initial values of the post: Glorot uniform kernel, forget bias 1, normal output layer; one trained bias a
    /// gate.
    /// </summary>
    TensorFlow,

    /// <summary>Uniform within ±1/√H, as PyTorch has it.</summary>
    PyTorch,
}
