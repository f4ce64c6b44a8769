namespace MnistLstm.Trainer.Data;

/// <summary>The purposes of random numbers; each has its own stream in <see cref="CounterRandom"/>.</summary>
public static class RandomPurpose
{
    public const int InitialValues = 1;
    public const int DataOrder = 2;
    public const int Augmentation = 3;
    public const int StudentViews = 77;
    public const int EvidenceOrder = 78;
    public const int EvidenceViews = 79;
    public const int NonDigits = 80;
    public const int NonDigitViews = 81;
    public const int HeldOutViews = 82;
    public const int HeldOutNonDigits = 83;
    public const int DrawnDigits = 84;
    public const int DrawnDigitViews = 85;
    public const int HeldOutDrawnDigits = 86;
    public const int HeldOutImages = 87;
    public const int OwnViews = 88;
    public const int HeldOutOwnPictures = 89;
    public const int UsualDigits = 90;
    public const int HeldOutUsualDigits = 91;
    public const int UsualTestDigits = 92;
    public const int PhotographedDigits = 93;

    /// <summary>As many streams follow each of the numbers below, one a teacher.</summary>
    public const int MostTeachers = 16;

    public const int TeacherViews = 100;
    public const int TeacherStatistics = 500;
    public const int TeacherOrder = 1000;
}
