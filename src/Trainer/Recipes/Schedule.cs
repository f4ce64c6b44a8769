namespace MnistLstm.Trainer.Recipes;

/// <summary>How the learning rate goes on after the warm-up.</summary>
public enum Schedule
{
    Constant,

    /// <summary>Down to 0 along half a cosine (Loshchilov and Hutter, "SGDR", 2017).</summary>
    Cosine,
}
