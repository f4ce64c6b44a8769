namespace MnistLstm.Bench.Robustness;

/// <summary>The fifteen corruptions of MNIST-C.</summary>
public enum Corruption
{
    ShotNoise,
    ImpulseNoise,
    GlassBlur,
    MotionBlur,
    Shear,
    Scale,
    Rotate,
    Brightness,
    Translate,
    Stripe,
    Fog,
    Spatter,
    DottedLine,
    Zigzag,
    CannyEdges,
}
