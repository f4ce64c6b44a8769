namespace MnistLstm.Trainer.Data;

/// <summary>How far a view may stray from its digit. Every limit is drawn from uniformly, in both directions.</summary>
/// <param name="Rotation">Degrees.</param>
/// <param name="Shear">Pixels sideways a pixel down: slant.</param>
/// <param name="LogScale">Natural logarithm of the size ratio.</param>
/// <param name="LogAspect">Natural logarithm of the ratio of width to height.</param>
/// <param name="Shift">Pixels.</param>
/// <param name="Elastic">Half the limit of the displacement at a knot of the spline, in pixels.</param>
/// <param name="Stroke">Share of a 3-pixel gray dilation or erosion.</param>
/// <param name="LogGamma">Natural logarithm of the exponent on intensity; above 0 the darkest ink varies too.</param>
/// <param name="Blur">Share of a 3-pixel binomial blur, for half of the views.</param>
/// <param name="SpeckChance">Probability of one to three specks.</param>
public sealed record AugmentationRanges(
    float Rotation,
    float Shear,
    float LogScale,
    float LogAspect,
    float Shift,
    float Elastic,
    float Stroke,
    float LogGamma,
    float Blur,
    float SpeckChance)
{
    /// <summary>Variations that another writer could have put into MNIST.</summary>
    public static AugmentationRanges Writer { get; } = new(
        Rotation: 13,
        Shear: 0.18f,
        LogScale: 0.12f,
        LogAspect: 0.10f,
        Shift: 2.2f,
        Elastic: 1.1f,
        Stroke: 0.5f,
        LogGamma: 0,
        Blur: 0,
        SpeckChance: 0);

    /// <summary>
    /// Variations that photos and sketches keep after normalization: other pens, blur, a wrong box, dirt.
    /// </summary>
    public static AugmentationRanges Picture { get; } = new(
        Rotation: 18,
        Shear: 0.28f,
        LogScale: 0.18f,
        LogAspect: 0.14f,
        Shift: 2.8f,
        Elastic: 1.2f,
        Stroke: 1,
        LogGamma: 0.6f,
        Blur: 1,
        SpeckChance: 0.15f);
}
