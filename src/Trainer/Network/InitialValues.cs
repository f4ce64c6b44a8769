namespace MnistLstm.Trainer.Network;

/// <summary>The weights before the first step.</summary>
public enum InitialValues
{
    /// <summary>The post's: Glorot uniform kernel, forget bias 1, normal output layer; a trained bias a gate.</summary>
    TensorFlow,

    /// <summary>Uniform within ±1/√H, as in PyTorch.</summary>
    PyTorch,
}
