namespace MnistLstm.Trainer;

/// <summary>What random numbers are for; each has a stream of its own in <see cref="CounterRandom"/>.</summary>
public static class RandomPurpose
{
    public const int InitialValues = 1;
    public const int DataOrder = 2;
    public const int Augmentation = 3;
}
